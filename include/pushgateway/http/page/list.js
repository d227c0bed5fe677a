// What the list of groups is asked for.

import { query } from "./api.js";
import { view } from "./view.js";

/** The list is asked for in parts of so many groups. */
export const partSize = 100;

/** The parameters that narrow and sort it, as the reader has chosen. */
export const listQuery = () => ({
  ...(view.q.trim().startsWith("{") ? { "match[]": view.q } : { search: view.q }),
  condition: view.is === "any" ? "" : view.is, stale_after: view.stale, sort: view.sort,
});

export const listPath = (part, parameters = listQuery()) =>
  `api/v1/groups${query({ ...parameters, limit: partSize, offset: part * partSize })}`;
