"""The part of the app that works on whatever is looked at: help, the clipboard, pictures, colours."""

from datetime import datetime

from tui_embed.locations import pictures_folder
from tui_embed.printable import printable
from tui_embed.tui.commands import help_page, key_sections
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.modes_app import ModesApp
from tui_embed.tui.screens.paned import PanedScreen
from tui_embed.tui.themes import THEMES


class ToolsApp(ModesApp):
    """An app with tools for every screen."""

    def on_copy_requested(self, message: CopyRequested) -> None:
        self.copy_to_clipboard(message.text)
        self.notify(f"Copied: {message.what}", markup=False)

    def action_help_pane(self) -> None:
        from tui_embed.tui.screens.help import HelpDialog

        if isinstance(self.screen, PanedScreen):
            self.push_screen(HelpDialog(*help_page(self.screen.current_pane)))

    def action_keys(self) -> None:
        from tui_embed.tui.screens.help import KeysDialog

        self.push_screen(KeysDialog(key_sections(self)))

    def action_picture(self) -> None:
        name = f"tui-embed-{datetime.now():%Y-%m-%d-%H%M%S}.svg"
        try:
            path = self.save_screenshot(name, path=str(pictures_folder()))
        except OSError as error:
            self.notify(printable(f"The picture was not saved: {error}"), severity="error", markup=False)
        else:
            self.notify(printable(f"Saved {path}"), markup=False)

    def action_next_theme(self) -> None:
        names = list(THEMES)
        at = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[at % len(names)]
