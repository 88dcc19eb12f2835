"""``tui-embed completion``: a script that lets a shell complete verbs and options."""

from argparse import ArgumentParser, Namespace, _SubParsersAction

import shtab

from tui_embed.cli import output
from tui_embed.cli.parser import VerbParser, add_json

EXAMPLES = """
tui-embed completion bash >> ~/.bash_completion
tui-embed completion zsh > ~/.zfunc/_tui-embed
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="the shell")
    add_json(parser)


def run(options: Namespace) -> None:
    script = shtab.complete(_whole_parser(), shell=options.shell)
    if options.json:
        output.print_json({"shell": options.shell, "script": script})
    else:
        print(script)


def _whole_parser() -> ArgumentParser:
    """The command's parser with every verb's arguments in it."""
    from tui_embed.cli.main import build_parser

    parser = build_parser()
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for verb in action.choices.values():
                assert isinstance(verb, VerbParser)
                verb.load()
    return parser
