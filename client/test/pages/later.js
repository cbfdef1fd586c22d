// A module may import at any time after the page is ready; the bundle then finds the elements there already.
addEventListener("load", () => import("/dist/wsx.js"));
