"""Keys of an input in the order in which they were pressed."""

from textual import events
from textual.widget import Widget


async def act_at_once(widget: Widget, event: events.Key) -> None:
    """Do what ``widget`` itself binds to a key, when the key arrives; to be called from its ``_on_key``.

    Textual types a character at once, but looks for the binding of a key only after the key has bubbled up
    to the app: of a burst of keys, as over a slow line, the characters would come first, the rest behind.
    """
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):
        if await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return
