"""The JupyterLab server of the project `lab`.

`make setup` copies this file to .venv/etc/jupyter/, because Jupyter reads no configuration
from the current folder: edit it here.
"""

import warnings

from lab.jupyter_hooks import ProjectSessionManager, save_without_outputs

c = get_config()  # noqa: F821 - Jupyter provides it

# Notebooks under notebooks/ are saved without outputs and execution counts, so that running
# and saving one changes neither `git status` nor `dvc status`. Outputs stay on screen.
c.FileContentsManager.pre_save_hook = save_without_outputs
# The server validates the hook twice at its start and takes the second time for a conflict.
warnings.filterwarnings("ignore", message="Overriding existing pre_save_hook")

# Their kernels get the threads, seed and locale of params.yaml, as the pipeline's do.
c.ServerApp.session_manager_class = ProjectSessionManager

# No news, no update notices, no catalogue of extensions: nothing here asks the network.
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
