// Says that it ran, and from which address: a script that index.html loads does, one in delivered HTML must not.
(window.ran ??= []).push(new URL(document.currentScript?.src ?? document.currentScript?.href?.baseVal ?? location.href).search);
