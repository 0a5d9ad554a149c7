"""English names of countries and languages; an unknown code stands for itself."""

COUNTRIES = {
    "AE": "United Arab Emirates", "AM": "Armenia", "AT": "Austria", "AU": "Australia", "AZ": "Azerbaijan",
    "BE": "Belgium", "BG": "Bulgaria", "BY": "Belarus", "CA": "Canada", "CH": "Switzerland", "CN": "China",
    "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EG": "Egypt", "ES": "Spain",
    "EU": "European Union", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GE": "Georgia", "GR": "Greece",
    "HU": "Hungary", "IE": "Ireland", "IL": "Israel", "IN": "India", "IT": "Italy", "JP": "Japan", "KZ": "Kazakhstan",
    "LT": "Lithuania", "LV": "Latvia", "MD": "Moldova", "NL": "Netherlands", "NO": "Norway", "PL": "Poland",
    "PT": "Portugal", "QA": "Qatar", "RO": "Romania", "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia",
    "SE": "Sweden", "SK": "Slovakia", "TR": "Türkiye", "UA": "Ukraine", "US": "United States", "VA": "Holy See",
}  # fmt: skip
"""By ISO 3166-1 alpha-2 code, and EU."""
LANGUAGES = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "lt": "Lithuanian",
    "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "und": "language not known", "zh": "Chinese",
}  # fmt: skip
"""By ISO 639-1 code, and und."""


def country(code: str | None) -> str:
    """English name of a country; empty for None."""
    return COUNTRIES.get(code, code) if code else ""


def language(code: str) -> str:
    """English name of a language."""
    return LANGUAGES.get(code, code)
