"""Invented people and schools: lists of common names, and of names that no school carries."""

GIVEN_MALE = (
    "Artūrs", "Jānis", "Roberts", "Kārlis", "Gustavs", "Markuss", "Emīls", "Daniels", "Ralfs", "Eduards",
    "Toms", "Rihards", "Mārtiņš", "Kristaps", "Edgars", "Niks", "Dāvis", "Ernests", "Haralds", "Olivers",
    "Maksims", "Artjoms", "Aleksandrs", "Ņikita", "Rainers", "Valters", "Reinis", "Pauls", "Andrejs", "Matīss",
)  # fmt: skip
GIVEN_FEMALE = (
    "Anna", "Emīlija", "Sofija", "Alise", "Marta", "Elīza", "Paula", "Katrīna", "Keita", "Viktorija",
    "Estere", "Madara", "Laura", "Līga", "Evelīna", "Amēlija", "Patrīcija", "Elizabete", "Rūta", "Ieva",
    "Aleksandra", "Darja", "Milana", "Poļina", "Una", "Agnese", "Sabīne", "Beāte", "Loreta", "Undīne",
)  # fmt: skip
# Family names as (masculine, feminine).
FAMILY = (
    ("Bērziņš", "Bērziņa"), ("Kalniņš", "Kalniņa"), ("Ozoliņš", "Ozoliņa"), ("Jansons", "Jansone"),
    ("Liepiņš", "Liepiņa"), ("Krūmiņš", "Krūmiņa"), ("Balodis", "Balode"), ("Eglītis", "Eglīte"),
    ("Zariņš", "Zariņa"), ("Pētersons", "Pētersone"), ("Vītols", "Vītola"), ("Kļaviņš", "Kļaviņa"),
    ("Kārkliņš", "Kārkliņa"), ("Vanags", "Vanaga"), ("Šmits", "Šmite"), ("Siliņš", "Siliņa"),
    ("Dzenis", "Dzene"), ("Ābele", "Ābele"), ("Grīnbergs", "Grīnberga"), ("Rozītis", "Rozīte"),
    ("Ivanovs", "Ivanova"), ("Petrovs", "Petrova"), ("Vasiļjevs", "Vasiļjeva"), ("Lācis", "Lāce"),
    ("Mūrnieks", "Mūrniece"), ("Ziediņš", "Ziediņa"), ("Upītis", "Upīte"), ("Auziņš", "Auziņa"),
    ("Strautiņš", "Strautiņa"), ("Zvirbulis", "Zvirbule"), ("Priede", "Priede"), ("Apinis", "Apine"),
    ("Gailis", "Gaile"), ("Freimanis", "Freimane"), ("Celmiņš", "Celmiņa"), ("Medņis", "Medne"),
    ("Skujiņš", "Skujiņa"), ("Vilks", "Vilka"), ("Ceriņš", "Ceriņa"), ("Irbe", "Irbe"),
)  # fmt: skip
# Genitives of plants, birds and weather. The register writes "(izdomāta)" after every name, so none can be mistaken.
SCHOOL_WORDS = (
    "Ābeļziedu", "Vizbuļu", "Pīlādžu", "Saulgriežu", "Dzērvju", "Rudzupuķu", "Virkstenes", "Bezdelīgu", "Mežrozīšu",
    "Lāčplūmju", "Zīlīšu", "Ievziedu", "Miglaskalna", "Vējziedu", "Dzirkstiņu", "Baltegļu", "Lakstīgalu",
    "Sniegpulksteņu", "Atvasaras", "Māllēpju", "Vālodzes", "Paparžu", "Rasaskrēsla", "Sudrabkrasta", "Zelteņu",
    "Krēslupes", "Kamolzāles", "Pūpolu", "Dūmakas", "Gaismaskalna", "Varavīksnes", "Cielavu",
)  # fmt: skip
KIND_WORDS = {
    "basic": "pamatskola (izdomāta)",
    "secondary": "vidusskola (izdomāta)",
    "special": "speciālā pamatskola (izdomāta)",
    "vocational": "tehnikums (izdomāts)",
}
