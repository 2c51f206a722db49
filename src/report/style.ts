/** The style of the page: black on white, shapes and words with every color, printable. */
export const style = `
:root{color-scheme:light;--ink:#1a1a1a;--dim:#595959;--rule:#d0d0d0;--soft:#f5f5f5}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:1.5rem;color:var(--ink);background:#fff;font:16px/1.5 system-ui,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.25rem;margin:2.5rem 0 .6rem;padding-top:.6rem;border-top:2px solid var(--ink)}
h3{font-size:1rem;margin:1.2rem 0 .3rem;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
p{max-width:75ch;margin:.4rem 0 .8rem}
.verdict{font-size:1.05rem;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:0 0 1rem;list-style:none}
a{color:#00558b}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid #d55e00;outline-offset:2px}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1rem}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
blockquote{margin:0 0 1rem;padding:.4rem 1rem;border-left:4px solid var(--ink);font-size:1.3rem;overflow-wrap:anywhere}
figure{margin:.4rem 0 1rem;min-width:0}
.narrow{max-width:560px}
figcaption{overflow-wrap:anywhere;font-size:.875rem;color:var(--dim)}
svg{display:block;width:100%;height:auto;font:12px system-ui,"Noto Sans CJK SC",sans-serif;overflow:hidden}
.grid line{stroke:#e3e3e3}
.grid text,.label{fill:#404040}
.frame{fill:none;stroke:#8a8a8a}
image{image-rendering:pixelated}
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:0 1.2rem}
.row.tight{grid-template-columns:repeat(auto-fill,minmax(150px,190px));gap:0 .8rem}
.stem{stroke-opacity:.25}
.tolerance{stroke-dasharray:6 4;stroke-width:1.2}
line.first{stroke:#000;stroke-width:1.5;stroke-dasharray:2 2}
text.first{font-weight:700}
.path{fill:none;stroke:#fff;stroke-width:1.6}
.path.halo{stroke:#000;stroke-width:3.6}
.own{stroke:#fff;stroke-width:1.5;stroke-dasharray:5 4}
.piece rect{fill:#e8eff5;stroke:#0072b2}
.piece text{font-size:15px}
.piece.differs rect{fill:#fff;stroke:#d55e00;stroke-width:2;stroke-dasharray:4 3}
.piece.differs text{text-decoration:underline;font-weight:700}
.key{display:inline-block;margin-right:1rem}
.key svg{display:inline-block;width:12px;height:12px;vertical-align:-1px}
.key svg.line{width:24px}
.scale{display:inline-flex;align-items:center;gap:.4rem;font-size:.8rem;margin-left:.6rem}
.scale .bar{width:90px;height:10px;border:1px solid #8a8a8a;print-color-adjust:exact;-webkit-print-color-adjust:exact}
details{margin:.6rem 0}summary{cursor:pointer;font-weight:600}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.8rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.15rem .6rem;border-bottom:1px solid var(--rule);white-space:nowrap}
th[scope=row],td:last-child{text-align:left;font-weight:400}
thead th{position:sticky;top:0;background:#fff}
tr.bad{background:#fdf0e6}tr.bad th{font-weight:700}
@media screen and (max-width:700px){svg.broad{width:700px}}
@media print{body{max-width:none;padding:0;font-size:11pt}nav,.skip{display:none}h2,h3,h3+p{break-after:avoid}figure,tr{break-inside:avoid}.row{grid-template-columns:1fr 1fr}.row.tight{grid-template-columns:repeat(4,1fr)}}
`;
