"""The app in a browser: a page, a socket for each session, and a process of its own behind each."""
