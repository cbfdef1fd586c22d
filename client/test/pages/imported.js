import "/dist/wsx.js";
