"""The part of the app that goes from one screen of panes to another."""

from tui_embed.tui.jobs import JobsApp
from tui_embed.tui.modes import MODES, Mode
from tui_embed.tui.opening import Opening
from tui_embed.tui.screens.paned import PanedScreen
from tui_embed.tui.widgets.title_bar import TitleBar


class ModesApp(JobsApp):
    """An app with a screen for each mode; one is made when it is first asked for."""

    def action_mode(self, mode: Mode) -> None:
        """Look at the app as ``mode``."""
        if not isinstance(self.screen, PanedScreen) or mode == self.screen.MODE:
            return
        if not self.is_screen_installed(mode):
            self.install_screen(self.make_screen(mode), mode)
        self.switch_screen(mode)

    def action_next_mode(self) -> None:
        if isinstance(self.screen, PanedScreen):
            self.action_mode(MODES[(MODES.index(self.screen.MODE) + 1) % len(MODES)])

    def on_title_bar_mode_clicked(self, message: TitleBar.ModeClicked) -> None:
        for mode in MODES:
            if mode == message.mode:
                self.action_mode(mode)

    def show_busy(self, text: str) -> None:
        """Say what runs, in printable text, wherever one looks; nothing for "" does."""
        for screen in self._made():
            screen.show_busy(text)

    def show_opening(self, opening: Opening | None) -> None:
        """Say how far an opening is, wherever one looks; nothing runs for None."""
        for screen in self._made():
            screen.show_opening(opening)

    def _made(self) -> list[PanedScreen]:
        made = (self.get_screen(mode) for mode in MODES if self.is_screen_installed(mode))
        return [screen for screen in made if isinstance(screen, PanedScreen)]

    def make_screen(self, mode: Mode) -> PanedScreen:
        """The screen of a mode that was not looked at yet."""
        raise NotImplementedError
