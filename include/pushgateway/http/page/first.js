// Asks for the first screen while the rest of the program is still on its way.

import { askAhead } from "./api.js";
import { listPath } from "./list.js";
import { view } from "./view.js";

if (view.view === "groups" && !document.hidden) askAhead(listPath(0));
