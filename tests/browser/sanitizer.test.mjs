// HTML that the rule `is_safe` lets through or makes safe, in a real browser: put into a page as an application would, and
// parsed, written and parsed again, in each place where parsers think differently. Nothing runs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { buildProgram } from './lib.mjs';

/** Ways in that were found in sanitizers of others: mutation, namespaces, comments, raw text, clobbering, odd addresses. */
const corpus = [
  '<script>RUN</script>', '<SCRIPT >RUN</SCRIPT >', '<script/x>RUN</script>', '<svg><script>RUN</script></svg>', '<svg><script href="data:,RUN"/>',
  '<img src=x onerror=RUN>', '<img/src=x/onerror=RUN>', '<img src="x`onerror=RUN//">', '<img src=x onerror\n=RUN>', '<image src=x onerror=RUN>', '<img src=x:x onerror=RUN//',
  '<svg onload=RUN>', '<svg/onload=RUN//', '<body onload=RUN>', '<input autofocus onfocus=RUN>', '<details open ontoggle=RUN>', '<video src=x onerror=RUN></video>', '<audio src=x onerror=RUN>',
  '<marquee onstart=RUN>', '<x onclick=RUN tabindex=1 id=x>', '<iframe src=javascript:RUN></iframe>', '<iframe srcdoc="<script>RUN</script>"></iframe>', '<object data="data:text/html,<script>RUN</script>"></object>', '<embed src=javascript:RUN>',
  '<a href=javascript:RUN>x</a>', '<a href=" javascript:RUN">x</a>', '<a href="jav&#x09;ascript:RUN">x</a>', '<a href="java\nscript:RUN">x</a>', '<a href="&#1;javascript:RUN">x</a>', '<a href="javascript&colon;RUN">x</a>', '<a href="data:text/html,<script>RUN</script>">x</a>', '<a href="vbscript:RUN">x</a>', '<a xlink:href="javascript:RUN">x</a>',
  '<form action=javascript:RUN><button>x</button></form>', '<button formaction=javascript:RUN>x</button>', '<base href="javascript:RUN//">', '<meta http-equiv=refresh content="0;url=javascript:RUN">', '<link rel=stylesheet href="data:text/css,*{}">', '<style>@import "x";</style>',
  // Mutation: what is written again is not what was read.
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=RUN&gt;">', '<math><mtext><table><mglyph><style><math><img src onerror=RUN>', '<form><math><mtext></form><form><mglyph><style></math><img src onerror=RUN>',
  '<svg></p><style><a id="</style><img src=1 onerror=RUN>">', '<svg><style><img src=x onerror=RUN></style></svg>', '<math><style><img src=x onerror=RUN></style></math>', '<svg><title><style><a title="</style></title><img src=x onerror=RUN>">', '<svg><desc><noscript><a title="</noscript><img src=x onerror=RUN>">',
  '<noscript><p title="</noscript><img src=x onerror=RUN>">', '<noembed><p title="</noembed><img src=x onerror=RUN>">', '<noframes><p title="</noframes><img src=x onerror=RUN>">', '<xmp><p title="</xmp><img src=x onerror=RUN>">', '<textarea><p title="</textarea><img src=x onerror=RUN>">', '<title><p title="</title><img src=x onerror=RUN>">', '<plaintext><img src=x onerror=RUN>', '<listing>&lt;img src=x onerror=RUN&gt;</listing>', '<iframe><p title="</iframe><img src=x onerror=RUN>">', '<template><img src=x onerror=RUN></template>', '<select><template><img src=x onerror=RUN></template></select>', '<select><option><style></option></select><img src=x onerror=RUN></style>', '<select><textarea></select><img src=x onerror=RUN></textarea>',
  '<!--><img src=x onerror=RUN>-->', '<!---><img src=x onerror=RUN>-->', '<!-- --!><img src=x onerror=RUN>-->', '<!-- <!-- --><img src=x onerror=RUN>-->', '<!--a-->b<!--', '<?xml <img src=x onerror=RUN>?>', '<!DOCTYPE x "><img src=x onerror=RUN>">', '<![CDATA[><img src=x onerror=RUN>]]>', '<svg><![CDATA[><img src=x onerror=RUN>]]></svg>', '</ x><img src=x onerror=RUN>', '<%<img src=x onerror=RUN>%>',
  '<b title="`onerror=RUN">', "<b title='\"onmouseover=RUN'>x</b>", '<b title="&quot;><img src=x onerror=RUN>">x</b>', '<b title=&#34;&#62;<img/src/onerror=RUN>', '&lt;img src=x onerror=RUN&gt;', '&#60;img src=x onerror=RUN&#62;', '<p title="&lt;/p&gt;&lt;img src=x onerror=RUN&gt;">x</p>',
  '<table><tr><td><svg><td><img src=x onerror=RUN></table>', '<table><caption><svg><caption><img src=x onerror=RUN>', '<p><table><p><img src=x onerror=RUN></table>', '<a><table><a href=javascript:RUN>x</a></table></a>', '<b><i></b><img src=x onerror=RUN></i>', '<dl><dt><div><dd><img src=x onerror=RUN>', '<ruby><rtc><svg></ruby><img src=x onerror=RUN>',
  '<annotation-xml encoding="text/html"><script>RUN</script></annotation-xml>', '<math><annotation-xml encoding="text/html"><style></math><img src=x onerror=RUN>', '<svg><foreignObject><style></svg><img src=x onerror=RUN>', '<math href="javascript:RUN">x</math>', '<math><maction actiontype="statusline#RUN">x</maction></math>', '<svg><animate attributeName=href to=javascript:RUN begin=0s></svg>', '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>RUN</script></svg>#x"/></svg>',
  '<p style="background:url(javascript:RUN)">x</p>', '<p style="behavior:url(x)">x</p>', '<p style="-moz-binding:url(x)">x</p>', '<p style="width:expression(RUN)">x</p>', '<p style="color:red;}</style><img src=x onerror=RUN>">x</p>', '<font color="red;background:url(javascript:RUN)">x</font>',
  '<img name=getElementById src=x>', '<form id=x><input name=attributes></form>', '<a id=location href=x>x</a>', '<img src=x\0 onerror=RUN>', '<scr\0ipt>RUN</scr\0ipt>', '<img src=x onerror=RUN\u000c>', '<\u000bimg src=x onerror=RUN>', '<ſcript>RUN</ſcript>', '<ıframe src=x onload=RUN>', '＜img src=x onerror=RUN＞',
];

/** Pieces that parsers disagree about, put together at random, the same each time. */
function soup(count) {
  const pieces = ['<b>', '</b>', '<p>', '</p>', '<table>', '<tr>', '<td>', '</table>', '<svg>', '<math>', '<mtext>', '<mglyph>', '<style>', '</style>', '<title>', '<desc>', '<foreignObject>', '<annotation-xml encoding="text/html">', '<!--', '-->', '--!>', '<select>', '<option>', '<template>', '<noscript>', '</noscript>', '<textarea>', '</textarea>', '<xmp>', '<form>', '</form>', '<a title="', '">', "'", '"', '<img src=x onerror=RUN>', '&lt;img src=x onerror=RUN&gt;', '<script>RUN</script>', '<a href=javascript:RUN>', '<i title=\'', '>', '<', '/', ' ', '\n', '&', '<![CDATA[', ']]>', '<caption>', '<col>', '<li>', '<br/>', '<p style="color:red">', '\u00a0', '&am', '<plaintext>', '<body>', '<ruby>', '<rp>'];
  let state = 7;
  const next = (most) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % most;
  return Array.from({ length: count }, () => Array.from({ length: 2 + next(12) }, () => pieces[next(pieces.length)]).join(''));
}

const filled = (text, index) => text.replaceAll('RUN', `top.ran(${index})`);

/** What the rule makes of each text: `undefined` for one that it refuses. */
async function checked(rule, texts) {
  const program = await buildProgram({ package: 'frontdesk-cli', bin: 'frontdesk', env: 'FRONTDESK_BIN' });
  const child = spawn(program, ['validate', '--jsonl'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(texts.map((input, id) => JSON.stringify({ id, rule, input })).join('\n') + '\n');
  let out = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) out += chunk;
  const answers = out.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(answers.length, texts.length, out.slice(0, 300));
  return answers.map((answer) => {
    assert.ok('ok' in answer, JSON.stringify(answer));
    return answer.ok ? answer.value : undefined;
  });
}

let browser;
before(async () => {
  const executablePath = process.env.FRONTDESK_CHROMIUM || '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
});
after(() => browser?.close());

/** Shows each text in a page in every way, and gives what ran of it and what is there that could. */
async function shown(texts) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/*', (route) => (route.request().isNavigationRequest() && !route.request().frame().parentFrame() ? route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><title>x</title><body>' }) : route.fulfill({ status: 404 })));
  await page.goto('http://sanitizer.test/');
  const found = await page.evaluate(async (texts) => {
    const ran = new Set();
    globalThis.ran = (index) => ran.add(index);
    const odd = new Map();
    const risky = 'script, iframe, object, embed, svg, math, form, input, button, textarea, select, template, base, meta, link, style, title, noscript, xmp, plaintext, video, audio';
    const judge = (root, index, where) => {
      for (const node of root.querySelectorAll('*')) {
        if (node.matches(risky)) odd.set(index, `${where}: ${node.outerHTML.slice(0, 80)}`);
        for (const { name, value } of node.attributes) {
          const plain = value.replace(/[\u0000-\u0020]/g, '').toLowerCase();
          if (/^on/i.test(name) || /^(javascript|vbscript|data):/.test(plain) || ['id', 'name', 'srcdoc', 'formaction'].includes(name)) odd.set(index, `${where}: ${name}=${value}`);
        }
      }
    };
    const place = (tag, around = document.body) => around.appendChild(document.createElement(tag));
    const frames = [];
    for (const [index, text] of texts) {
      // Where HTML is put into a page: a block, a cell, a paragraph, a link.
      for (const tag of ['div', 'td', 'p', 'a', 'pre']) {
        const holder = place(tag);
        let html = text;
        for (let round = 0; round < 3; round++) {
          holder.innerHTML = html;
          judge(holder, index, `${tag}, ${round}`);
          html = holder.innerHTML; // as editors do: read, and put again
        }
        setTimeout(() => holder.remove(), 500);
      }
      // As part of a page that a parser reads: scripts run here.
      const frame = place('iframe');
      frame.srcdoc = `<!DOCTYPE html><html><body><div class="before">${text}</div><p class="after">after</p>`;
      frames.push(new Promise((done) => {
        frame.onload = () => {
          const inside = frame.contentDocument;
          if (!inside?.querySelector('body p.after')) odd.set(index, 'what comes behind it is no part of the page any more');
          const before = inside?.querySelector('div.before');
          if (before) judge(before, index, 'page');
          setTimeout(() => done(frame.remove()), 50);
        };
        setTimeout(done, 3000);
      }));
      if (frames.length % 50 === 0) await Promise.all(frames.splice(0));
    }
    await Promise.all(frames);
    for (const link of document.querySelectorAll('a[href]')) link.click();
    await new Promise((done) => setTimeout(done, 300));
    return { ran: [...ran], odd: [...odd] };
  }, texts);
  await sleep(200);
  await context.close();
  return found;
}

for (const [name, rule] of [['is_safe', {}], ['is_safe that sanitizes', { mode: 'sanitize' }], ['the short list', { mode: 'sanitize', sanitizer: 'xml' }]]) {
  test(`FORM-09 nothing runs that comes through ${name}`, async () => {
    const texts = [...corpus, ...soup(500)].map(filled);
    const safe = await checked({ rule: 'is_safe', ...rule }, texts);
    const through = safe.map((text, index) => [index, text]).filter(([, text]) => text !== undefined);
    assert.ok(through.length > (rule.mode ? texts.length * 0.9 : 40), `${through.length} came through`);
    const { ran, odd } = await shown(through);
    const told = (index) => `${JSON.stringify(texts[index])} became ${JSON.stringify(safe[index])}`;
    assert.deepEqual(ran.map(told), []);
    assert.deepEqual(odd.map(([index, what]) => `${what}: ${told(index)}`), []);
    if (rule.mode) assert.deepEqual(await checked({ rule: 'is_safe', ...rule }, through.map(([, text]) => text)), through.map(([, text]) => text), 'twice is once');
  });
}

test('the same texts do run as they are', async () => {
  const { ran } = await shown(corpus.map((text, index) => [index, filled(text, index)]).filter(([, text]) => !/<(meta|base|plaintext|form|body)/.test(text)));
  assert.ok(ran.length > 40, `${ran.length}: ${ran}`);
});
