"""What takes long at the start and needs nothing: done in a thread beside the imports."""

import threading


def load_language() -> threading.Thread:
    """Begins to load the language model (0.6 s of unpacking, which other threads need not wait for)."""
    thread = threading.Thread(target=_load, name="language-model", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    from ceasewire.text.language import LanguageReader

    LanguageReader()
