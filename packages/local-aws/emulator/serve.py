"""Runs the emulator for as long as standard input stays open, so that it never outlives who started it.

The one argument is the emulator's own temporary folder, deleted at the end.
"""

import atexit
import os
import shutil
import signal
import sys
import threading

from ministack.app import main


def stop_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


atexit.register(shutil.rmtree, sys.argv.pop(), ignore_errors=True)
threading.Thread(target=stop_with_parent, daemon=True).start()
main()
