import "./clobbering.test.js";
import "./config.test.js";
import "./connection.test.js";
import "./data.test.js";
import "./frames.test.js";
import "./handover.test.js";
import "./ladder.test.js";
import "./native.test.js";
import "./originalbugs.test.js";
import "./requests.test.js";
import "./reset.test.js";
import "./rooms.test.js";
import "./swaps.test.js";
import "./transports.test.js";
import "./triggers.test.js";
import "./updates.test.js";
import { run } from "./harness.js";

await run();
