"""Invented names of children, parents, streets and schools.

Each culture has forenames for boys and girls, surnames, ethnic codes and a
first language, so that names, ethnicity and language fit together. Some names
carry apostrophes, hyphens and accents; a few are in other scripts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Culture:
    """A naming tradition with the codes that go with it."""

    weight: float
    male: tuple[str, ...]
    female: tuple[str, ...]
    surnames: tuple[str, ...]
    ethnicities: tuple[str, ...]
    languages: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


CULTURES: tuple[Culture, ...] = (
    Culture(
        66,
        _words(
            "Oliver George Arthur Noah Leo Oscar Archie Jack Freddie Theo Charlie Henry Alfie Jacob Thomas "
            "Joshua William James Edward Finley Max Isaac Lucas Albert Reuben Jude Rory Stanley Toby "
            "Sebastian Ezra Hugo Louie Frankie Teddy Elijah Jean-Paul Zac Kit Blake D'Arcy"
        ),
        _words(
            "Olivia Amelia Isla Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia Isabella Grace Daisy "
            "Sienna Poppy Elsie Emily Ella Evelyn Phoebe Evie Charlotte Harper Millie Matilda Maya Sophie "
            "Alice Emma Isabelle Ruby Zoë Chloë Anaïs Anne-Marie Mary-Kate Renée Esmé Thea"
        ),
        _words(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Wright Walker Robinson Thompson White "
            "Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Clark Turner Hill Cooper "
            "Morris Ward Moore Baker Harrison King Morgan Allen James Scott Phillips Watson Davis Parker "
            "Bennett Price Griffiths Young O'Brien O'Connor O'Neill D'Souza McDonald MacLeod Smith-Jones "
            "Taylor-Hughes Parker-Bowen Fitz-Gerald St_John De_la_Mare Brontë Lovelace Whitlock Penhaligon "
            "Featherstone Arkwright Hollingsworth Postlethwaite Ashdown Bickerstaff Cholmondeley Dunmore"
        ),
        ("WBRI",) * 40 + ("WIRI", "MWBC", "MWBC", "MWAS", "MOTH", "BCRB", "REFU", "NOBT", "WIRT", "WROM"),
        ("ENG",),
    ),
    Culture(
        9,
        _words("Muhammad Ibrahim Yusuf Ayaan Hamza Zayn Ali Bilal Haris Idris Umar Zakariya Mohammed-Ali"),
        _words("Aisha Fatima Maryam Zainab Khadija Hafsa Inaya Amina Noor Safiya Zara Aaliyah Sumayyah"),
        _words("Khan Ahmed Hussain Ali Begum Akhtar Malik Mahmood Iqbal Shah Rahman Miah Chowdhury Uddin"),
        ("APKN", "APKN", "APKN", "ABAN", "ABAN", "AOTH"),
        ("URD", "BNG", "PNJ", "ENG"),
    ),
    Culture(
        5,
        _words("Arjun Rohan Dev Aarav Krish Vihaan Ishaan Jasdeep Harpreet Veer"),
        _words("Priya Anaya Diya Meera Riya Simran Jasleen Kavya Saanvi Anika"),
        _words("Patel Singh Kaur Sharma Shah Desai Gill Sandhu Nair Mehta Dhillon"),
        ("AIND",),
        ("GUJ", "PNJ", "HIN", "ENG"),
    ),
    Culture(
        7,
        _words("Jakub Kacper Szymon Filip Michał Łukasz Błażej Andrei Matei Luca Jonas Tomás João"),
        _words("Zofia Hanna Maja Julia Lena Małgorzata Ștefania Ioana Gabija Inês Lucía Żaneta"),
        _words(
            "Kowalski Nowak Wiśniewski Wójcik Kamiński Popescu Ionescu Țăran Kazlauskas Sousa Müller Núñez"
        ),
        ("WOTH",),
        ("POL", "POL", "RMN", "LIT", "POR", "SPA", "ENG"),
    ),
    Culture(
        6,
        _words("Kwame Emmanuel Tobi David Samuel Chidi Kofi Abdi Malachi Jeremiah Oluwaseun"),
        _words("Adaeze Grace Esther Amara Abigail Ifeoma Zainabu Folasade Nia Oluwadamilola"),
        _words("Okafor Mensah Adeyemi Osei Nwosu Abubakar Mwangi Boateng N'Diaye Asante Owusu-Ansah"),
        ("BAFR", "BAFR", "BAFR", "BCRB", "BOTH", "MWBA"),
        ("ENG", "ENG", "SOM", "FRN"),
    ),
    Culture(
        2,
        _words("Wei Jun Hao Minh Kenji Ryo"),
        _words("Mei Xin Ling Yan Hana Linh"),
        _words("Chen Li Wang Zhang Wong Nguyen Tran Tanaka Lau"),
        ("CHNE", "CHNE", "AOTH", "OOTH"),
        ("CHI", "ENG"),
    ),
    Culture(
        0.35,
        _words("Γιώργος Νίκος Αλέξανδρος"),
        _words("Ελένη Μαρία Σοφία"),
        _words("Παπαδόπουλος Γεωργίου Νικολάου"),
        ("WOTH",),
        ("GRE",),
    ),
    Culture(
        0.5,
        _words("Олександр Дмитро Михайло Иван"),
        _words("Олена Соломія Анастасія Мария"),
        _words("Шевченко Коваленко Бондаренко Иванова"),
        ("WOTH",),
        ("UKR", "UKR", "RUS"),
    ),
    Culture(
        0.35,
        _words("محمد يوسف عمر"),
        _words("مريم فاطمة ليلى"),
        _words("الحسن العلي حداد"),
        ("OOTH",),
        ("ARA",),
    ),
    Culture(
        0.3,
        _words("伟 子轩 浩然"),
        _words("芳 雨桐 静"),
        _words("王 李 陈"),
        ("CHNE",),
        ("CHI",),
    ),
)

MIDDLE = _words("James Rose Grace Marie Lee Ann John Louise David Jane Thomas May")
STREETS = _words(
    "High_Street Church_Lane Mill_Road Station_Road Orchard_Close The_Green Bedford_Road Queen's_Avenue "
    "St_Mary's_Walk Elm_Grove Barley_Way Kingfisher_Drive Willow_Crescent Chestnut_Avenue Park_View "
    "Victoria_Terrace Brickfield_Lane Saxon_Way Hawthorn_Close Riverside"
)
TOWNS = _words(
    "Anyford Merebridge Stoke_Harling Upper_Ampton Wickenden Farley_Cross Harrowmere Little_Barnwell "
    "Brookstead Ousebury"
)
COUNTY = "Bedfordshire"
SCHOOL_STEMS = _words(
    "Ash King Oak Elm Mill Brook Stan Wood Fair Green Ravens Harts Beck Holly Swal Thorn Lind Wick Bram Sand "
    "Ken Clay Mar Hazel Cran Hay Lark Fox Alder Birch"
)
SCHOOL_ENDINGS = _words(
    "grove smead field ford bridge stead ley wood well bourne dale hurst mere worth combe ham wick low cote "
    "thorpe burn gate"
)
CLASSES = _words("Acorn Maple Rowan Cedar Poplar Juniper Spruce Aspen")
