"""The words of the advice: what may be wrong with a row and what to do, in Latvian and English, never with a value."""

from data_contracts.wording_support import SUPPORT, Advice

TYPES = {
    "date": Advice(
        "datumu nevar nolasīt",
        "datums jāraksta kā 2025-09-01 vai 01.09.2025.; pārbaudiet, vai kalendārā ir tāda diena",
        "the date cannot be read",
        "write the date as 2025-09-01 or 01.09.2025.; check that the calendar has such a day",
    ),
    "integer": Advice(
        "vajadzīgs vesels skaitlis",
        "ierakstiet veselu skaitli bez burtiem un bez komata",
        "a whole number is needed",
        "write a whole number without letters and without a decimal point",
    ),
    "number": Advice(
        "vajadzīgs skaitlis",
        "ierakstiet skaitli bez burtiem; decimālzīme ir punkts vai komats",
        "a number is needed",
        "write a number without letters; the decimal sign is a point or a comma",
    ),
    "boolean": Advice("vajadzīgs “jā” vai “nē”", "rakstiet jā vai nē", "yes or no is needed", "write yes or no"),
}
_CODE = Advice(
    "personas kods nav pareizi uzrakstīts",
    "rakstiet visus 11 ciparus, ar domuzīmi pēc sestā vai bez tās; ja Excel ir nogriezis nulli sākumā, kolonnai"
    " iestatiet formātu “Teksts” un ierakstiet kodu no jauna",
    "the personal code is not written as one",
    "write all 11 digits, with or without the dash after the sixth; if Excel cut off a leading zero, set the"
    " column's"
    " format to Text and type the code again",
)
FORMS = {
    "person_code": _CODE,
    "former_person_code": _CODE,
    "school_reg_no": Advice(
        "iestādes reģistrācijas numurs nav pareizi uzrakstīts",
        "rakstiet visus 10 ciparus; Excel kolonnai iestatiet formātu “Teksts”",
        "the registration number of the institution is not written as one",
        "write all 10 digits; in Excel set the column's format to Text",
    ),
    "atvk_code": Advice(
        "ATVK kods nav pareizi uzrakstīts",
        "rakstiet 7 zīmes: ciparus vai lielos burtus",
        "the ATVK code is not written as one",
        "write 7 signs: digits or capital letters",
    ),
    "mark_text": Advice(
        "vērtējuma pieraksts nav pazīstams",
        "rakstiet balli 1–10, nv, i, ni, a, n, apguves līmeni S, T, A, P, punktus kā 12/20 vai procentus kā 75 %",
        "the form of the mark is not known",
        "write a mark 1–10, nv, i, ni, a, n, a level S, T, A, P, points as 12/20 or percent as 75 %",
    ),
    "programme_code": Advice(
        "programmas kods nav pareizi uzrakstīts",
        "rakstiet 2 līdz 12 ciparus bez atstarpēm",
        "the programme code is not written as one",
        "write 2 to 12 digits without spaces",
    ),
    "organisation": Advice(
        "organizācijas kods nav pareizi uzrakstīts",
        "rakstiet skolas 10 ciparu reģistrācijas numuru vai pašvaldības 7 zīmju ATVK kodu",
        "the code of the organisation is not written as one",
        "write the school's registration number of 10 digits or the municipality's ATVK code of 7 signs",
    ),
    "topic": Advice(
        "temata kods nav pareizi uzrakstīts",
        "rakstiet kodu: T1 klasvadība un konflikti, T2 sadarbība ar vecākiem, T3 individuālie plāni, T4 saskaņota"
        " darbība iestādē un novadā, T5 vecumposmi; P1 atbalstoša vide, P2 konsultēšana, P3 pedagoga kompetence; vai"
        " vienu vārdu bez mīkstinājuma un garumzīmēm",
        "the code of the topic is not written as one",
        "write a code: T1 class management and conflict, T2 working with parents, T3 individual plans, T4 agreed action"
        " in school and municipality, T5 ages; P1 supportive environment, P2 counselling, P3 teacher's competence; or"
        " one word in plain letters",
    ),
    "month": Advice(
        "mēnesis nav pareizi uzrakstīts",
        "rakstiet gadu un mēnesi, piemēram, 2025-11",
        "the month is not written as one",
        "write year and month, such as 2025-11",
    ),
}
FORMS["successor_atvk"] = FORMS["atvk_code"]
_OWN_CODE = Advice(
    "kods nav pareizi uzrakstīts",
    "jebkurš Jūsu kods, kas neatkārtojas: latīņu burti, cipari, / _ -, piemēram, 2026-001; ne personas kods",
    "the code is not written as one",
    "any code of yours that does not repeat: letters, digits, / _ -, such as 2026-001; never a personal code",
)
_CODED = ("case_id", "hand_over_id", "project_id", "call", "interest_id", "situation_id", "material")  # fmt: skip
FORMS |= dict.fromkeys(_CODED, _OWN_CODE)
KNOWN = {
    "raw.pupil": Advice(
        "izglītojamais ar šādu personas kodu nav iesniegts",
        "pārbaudiet personas kodu; ja tas ir pareizs, iesniedziet izglītojamo datu kopā pupil – rindu pārbaudīs"
        " vēlreiz,"
        " pašu rindu no jauna sūtīt nevajag",
        "no pupil of this personal code was delivered",
        "check the personal code; if it is right, deliver the pupil in the dataset pupil: the row is then tried again"
        " by"
        " itself",
    ),
    "raw.institution": Advice(
        "iestādes ar šādu reģistrācijas numuru nav sarakstā",
        "pārbaudiet numuru; ja tas ir pareizs, iestādei jābūt datu kopā institution – rindu pārbaudīs vēlreiz",
        "no institution of this registration number is on the list",
        "check the number; if it is right, the institution must be in the dataset institution: the row is then tried"
        " again",
    ),
    "raw.municipality": Advice(
        "pašvaldības ar šādu ATVK kodu nav sarakstā",
        "pārbaudiet kodu; ja tas ir pareizs, pašvaldībai jābūt datu kopā municipality – rindu pārbaudīs vēlreiz",
        "no municipality of this ATVK code is on the list",
        "check the code; if it is right, the municipality must be in the dataset municipality: the row is then tried"
        " again",
    ),
    "raw.attendance_code": Advice(
        "kavējuma koda nav sarakstā (šai skolai, šajā dienā)",
        "labojiet kodu vai piegādājiet tā nozīmi datu kopā attendance_code – rindu pārbaudīs vēlreiz",
        "the attendance code is not on the list (of this school, on this day)",
        "correct the code or deliver its meaning in the dataset attendance_code: the row is then tried again",
    ),
    "raw.exit_status_code": Advice(
        "izbeigšanas statusa nav sarakstā (šajā dienā)",
        "labojiet statusu vai piegādājiet tā nozīmi datu kopā exit_status_code – rindu pārbaudīs vēlreiz",
        "the exit status is not on the list (on this day)",
        "correct the status or deliver its meaning in the dataset exit_status_code: the row is then tried again",
    ),
    "raw.support_plan": Advice(
        "plāna ar šādu kodu nav",
        "pārbaudiet plāna kodu; ja tas ir pareizs, iesniedziet plānu datu kopā support_plan – rindu pārbaudīs vēlreiz",
        "there is no plan of this code",
        "check the code of the plan; if it is right, deliver the plan in the dataset support_plan: the row is then"
        " tried"
        " again",
    ),
}
ROWS = {
    "key_disagrees": Advice(
        "par vienu un to pašu šajā failā ir divas vai vairākas rindas, un tās ir pretrunīgas",
        "atstājiet vienu, pareizo rindu un iesniedziet to no jauna",
        "two or more rows of this file speak of the same thing and contradict each other",
        "keep the one row that is right and deliver it again",
    ),
    "row_malformed": Advice(
        "rindā ir vairāk vai mazāk lauku nekā galvenē, vai pēdiņas nav aizvērtas",
        "tekstu, kurā ir atdalītājs (komats vai semikols), ielieciet pēdiņās, bet pēdiņu tekstā rakstiet divreiz; vai"
        " saglabājiet failu kā XLSX",
        "the row has more or fewer fields than the header, or quotes that are not closed",
        "put quotes around a text that holds the delimiter (comma or semicolon) and write a quote within it twice; or"
        " save"
        " the file as XLSX",
    ),
    "formula_without_result": Advice(
        "šūnā ir formula, kuras rezultāts failā nav saglabāts",
        "atveriet failu programmā Excel, pārrēķiniet, saglabājiet un iesniedziet; vai ierakstiet pašu vērtību",
        "a cell holds a formula whose result is not stored in the file",
        "open the file in Excel, let it calculate, save and deliver it; or type the value itself",
    ),
    "person_code_date": Advice(
        "personas kods nesākas ar datumu, kāds ir kalendārā",
        "pārbaudiet pirmos sešus ciparus (diena, mēnesis, gads); jaunie kodi sākas ar 32 un datumu nesatur",
        "the personal code does not begin with a day that exists",
        "check the first six digits (day, month, year); new codes begin with 32 and hold no day",
    ),
    "person_code_checksum": Advice(
        "personas koda pēdējais cipars neatbilst pārējiem: kodā ir pārrakstīšanās kļūda",
        "salīdziniet visus 11 ciparus ar dokumentu",
        "the last digit of the personal code does not fit the others: one of them is mistyped",
        "compare all 11 digits with the document",
    ),
    "cell_error": Advice(
        "šūnā ir Excel kļūda (piemēram, #N/A)",
        "izlabojiet formulu vai ierakstiet pašu vērtību",
        "a cell holds an error of Excel (such as #N/A)",
        "correct the formula or type the value itself",
    ),
    "validity_in_order": Advice(
        "beigu datums ir pirms sākuma datuma",
        "pārbaudiet abus datumus; beigām jābūt tajā pašā dienā vai vēlāk",
        "the end is before the beginning",
        "check both dates; the end must be on the same day or later",
    ),
    "grades_in_order": Advice(
        "klašu robežas ir otrādi",
        "“no klases” nedrīkst būt lielāka par “līdz klasei”",
        "the range of grades is reversed",
        "the first grade must not be above the last one",
    ),
    "exit_after_entry": Advice(
        "izglītojamais izstājies pirms iestāšanās",
        "pārbaudiet piederības sākuma un beigu datumu; beigām jābūt tajā pašā dienā vai vēlāk",
        "the pupil leaves before entering",
        "check both dates of the enrolment; the exit must be on the day of entry or later",
    ),
    "points_within_maximum": Advice(
        "punktu ir vairāk nekā iespējams, vai maksimums ir 0",
        "rakstiet iegūtos punktus, slīpsvītru un maksimumu, piemēram, 12/20",
        "there are more points than the maximum, or the maximum is 0",
        "write the points, a slash and the maximum, such as 12/20",
    ),
    "entry_date_plausible": Advice(
        "iestāšanās datums nav ticams",
        "pārbaudiet iestāšanās gadu",
        "the date of entry is not plausible",
        "check the year of entry",
    ),
    "codes_differ": Advice(
        "jaunais personas kods ir tāds pats kā iepriekšējais",
        "pirmajā ailē rakstiet iepriekšējo kodu, otrajā – jauno",
        "the new personal code is the same as the former one",
        "write the former code in the first column and the new one in the second",
    ),
    "birth_date_plausible": Advice(
        "dzimšanas datums nav ticams",
        "pārbaudiet dzimšanas gadu",
        "the birth date is not plausible",
        "check the year of birth",
    ),
} | SUPPORT
FORMS["answer_id"] = Advice(
    "atbildes kods nav pareizi uzrakstīts",
    "nejaušs kods, piemēram, k7f3q9: nevis pēc kārtas, lai no tā neredz, kurš un kad atbildēja",
    "the code of the answer is not written as one",
    "a code drawn by chance, such as k7f3q9: not in order, so that nobody sees who answered or when",
)
FORMS["request_id"] = Advice(
    "pieteikuma kods nav pareizi uzrakstīts",
    "līdz trim lielajiem burtiem un cipari, piemēram, KP-2026-001, bez atkārtošanās; kodu publicē, vārda tajā nav",
    "the code of the request is not written as one",
    "up to three capital letters and digits, such as KP-2026-001, never twice; it is published and holds no name",
)
