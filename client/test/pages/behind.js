// Runs after the bundle, but nothing can have happened that it wants to hear.
window.early = window.wsx !== undefined;
