"""The words of the advice about the registers of support: what may be wrong with a row and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """What is wrong and what to do, in both languages."""

    wrong_lv: str
    do_lv: str
    wrong_en: str
    do_en: str


SUPPORT = {
    "held_after_asked": Advice(
        "konsultācija notikusi pirms pieteikuma",
        "pārbaudiet abus datumus; konsultācija nevar notikt pirms pieteikuma",
        "the consultation was held before it was asked for",
        "check both dates; a consultation cannot be held before it is asked for",
    ),
    "supervision_group_size": Advice(
        "supervīzijas grupā ir vairāk nekā desmit dalībnieku",
        "pārbaudiet dalībnieku skaitu vai norādiet citu pasākuma veidu",
        "the supervision group has more than ten members",
        "check the number of members or name another kind of event",
    ),
    "closed_after_opened": Advice(
        "plāns slēgts pirms atvēršanas",
        "pārbaudiet abus datumus; plānu nevar slēgt pirms atvēršanas",
        "the plan is closed before it is opened",
        "check both dates; a plan cannot close before it opens",
    ),
    "risk_in_group": Advice(
        "risks nepieder norādītajai riska grupai",
        "pārbaudiet, kurā no četrām grupām risks ir, un labojiet grupu vai risku",
        "the risk is not one of its group",
        "see in which of the four groups the risk stands, and correct the group or the risk",
    ),
    "ended_after_identified": Advice(
        "risks beidzies, pirms tas konstatēts",
        "pārbaudiet abus datumus; beigas nevar būt pirms konstatēšanas",
        "the risk ended before it was identified",
        "check both dates; a risk cannot end before it was identified",
    ),
    "spoken_after_noticed": Advice(
        "saruna notikusi, pirms izglītojamais pamanīts",
        "pārbaudiet abus datumus; pamanīts ir tajā pašā dienā vai agrāk",
        "the talk was before the pupil was noticed",
        "check both dates; noticing comes first, or on the same day",
    ),
    "supported_after_noticed": Advice(
        "atbalsts sākts, pirms izglītojamais pamanīts",
        "pārbaudiet abus datumus; pamanīts ir tajā pašā dienā vai agrāk",
        "support began before the pupil was noticed",
        "check both dates; noticing comes first, or on the same day",
    ),
    "case_closed_after_noticed": Advice(
        "gadījums slēgts, pirms izglītojamais pamanīts",
        "pārbaudiet abus datumus; gadījumu nevar slēgt pirms atvēršanas",
        "the case was closed before the pupil was noticed",
        "check both dates; a case cannot close before it opens",
    ),
    "closed_case_has_outcome": Advice(
        "gadījums slēgts, bet iznākums nav norādīts",
        "norādiet iznākumu vai izdzēsiet slēgšanas datumu",
        "the case is closed without an outcome",
        "name the outcome, or leave the day of closing empty",
    ),
    "until_after_since": Advice(
        "puse aizgājusi, pirms tā iesaistīta",
        "pārbaudiet abus datumus; beigas nevar būt pirms sākuma",
        "the party leaves before it joins",
        "check both dates; the end cannot be before the beginning",
    ),
    "answered_after_sent": Advice(
        "atbilde saņemta pirms nosūtīšanas",
        "pārbaudiet abus datumus; atbilde nevar būt pirms nosūtīšanas",
        "the answer came before the matter was sent",
        "check both dates; the answer cannot be before the day of sending",
    ),
    "answer_has_day": Advice(
        "norādīta tikai atbilde vai tikai atbildes diena",
        "norādiet abas vai, kamēr atbildes nav, nevienu",
        "either the answer or its day is missing",
        "give both or, while there is no answer, neither",
    ),
    "parties_differ": Advice(
        "nodevējs un saņēmējs ir viens un tas pats",
        "norādiet, kurai citai pusei tas nodots",
        "the party that hands over is the one that receives",
        "name the other party that received it",
    ),
    "completed_of_enrolled": Advice(
        "pabeigušo ir vairāk nekā pieteikto",
        "pārbaudiet abus skaitļus",
        "more have completed than were enrolled",
        "check both numbers",
    ),
    "certificates_of_completed": Advice(
        "apliecību ir vairāk nekā pabeigušo",
        "pārbaudiet abus skaitļus",
        "there are more certificates than have completed",
        "check both numbers",
    ),
    "project_in_order": Advice(
        "projekts beidzas, pirms tas sākas",
        "pārbaudiet abus datumus; beigām jābūt tajā pašā dienā vai vēlāk",
        "the project ends before it begins",
        "check both dates; the end must be on the same day or later",
    ),
    "situation_closed_after_noted": Advice(
        "situācija slēgta, pirms tā pierakstīta",
        "pārbaudiet abus datumus; slēgt nevar pirms pierakstīšanas",
        "the situation was closed before it was noted",
        "check both dates; a situation cannot close before it was noted",
    ),
    "followed_after_interest": Advice(
        "organizācijai atbildēts pirms tās intereses",
        "pārbaudiet abus datumus; atbilde nevar būt pirms intereses",
        "the organisation was answered before it showed interest",
        "check both dates; the answer cannot be before the interest",
    ),
    "partner_after_interest": Advice(
        "organizācija kļuvusi par partneri pirms intereses",
        "pārbaudiet abus datumus; šajā datu kopā ir tie, kas vēl nav partneri",
        "the organisation was a partner before it showed interest",
        "check both dates; this dataset is about those who are not partners yet",
    ),
    "participants_within_seats": Advice(
        "dalībnieku ir vairāk nekā vietu",
        "pārbaudiet abus skaitļus",
        "more took part than there were places",
        "check both numbers",
    ),
    "request_answered_after_asked": Advice(
        "uz pieteikumu atbildēts, pirms tas iesniegts",
        "pārbaudiet abus datumus; atbilde nevar būt pirms pieteikuma",
        "the request was answered before it was made",
        "check both dates; the answer cannot be before the request",
    ),
    "nobody_delegates_to_themselves": Advice(
        "persona aizstāj pati sevi",
        "norādiet lietotāju, kuru šī persona aizstāj, vai atstājiet lauku tukšu",
        "the person stands in for themselves",
        "name the login that this person stands in for, or leave the field empty",
    ),
    "code_is_nobodys": Advice(
        "kodā ir personas kods",
        "piešķiriet citu kodu, piemēram, 2026-001: šo kodu redz arī tie, kas vārdus neredz",
        "the code holds a personal code",
        "give another code, such as 2026-001: it is seen by people who see no names",
    ),
    "outcome_fits_days": Advice(
        "iznākums un dienas nesaskan",
        "ja notika, norādiet, kad; ja piedāvāts, norādiet plānoto dienu; ja nenotika, dienu atstājiet tukšu",
        "the outcome does not fit the days",
        "if it was held, give the day; if offered, give the day planned; if not held, leave the day empty",
    ),
}
