// An entry's form on a page of its own saves by itself as it does in the composer.
import { watch } from "./autosave.js";

watch();
