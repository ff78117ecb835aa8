export const css = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2024, #e6e8ea);
  --soft: light-dark(#5b6570, #9aa4af);
  --paper: light-dark(#ffffff, #14171a);
  --tint: light-dark(#f4f5f7, #1d2226);
  --line: light-dark(#dde1e6, #2f363d);
  --link: light-dark(#0b5cad, #7ab8f5);
  --get: light-dark(#0a6847, #5fd0a0);
  --write: light-dark(#8a4b00, #f0b35e);
  --gone: light-dark(#a11d2b, #ff8f8f);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 52rem; padding: 2.5rem 1.25rem 6rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.4rem; margin: 3.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2.5rem 0 .25rem; }
h4 { font-size: .8rem; margin: 1.25rem 0 .25rem; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; }
p { margin: .4rem 0; max-width: 40rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
.soft { color: var(--soft); }
.notice { border-left: 4px solid var(--write); padding: .5rem 1rem; background: var(--tint); }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
code { background: var(--tint); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; margin: .4rem 0; }
pre code { background: none; padding: 0; overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
nav ul { list-style: none; padding: 0; margin: .25rem 0; columns: 2 18rem; }
nav li { break-inside: avoid; }
nav a { text-decoration: none; }
.method { font: 600 .8rem ui-monospace, Menlo, Consolas, monospace; color: var(--write); display: inline-block; min-width: 3.6em; }
.method.get { color: var(--get); }
.method.delete { color: var(--gone); }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--soft); }
`;
