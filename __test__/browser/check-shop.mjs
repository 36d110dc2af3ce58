// Opens a built shop in a browser and does what a customer would do: every route, every control, every kind of file. Whatever the
// bundler got wrong shows here as a wrong text, a wrong style, a picture without pixels, a message on the console or a 404.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withPage } from './chromium.mjs';
import { deadReferences, filesOf } from './emitted.mjs';
import { serve } from './server.mjs';

/**
 * @param {{ dist: string, screenshotDir?: string, onStep?: (name: string, ms: number) => void }} options
 * @returns {Promise<{ steps: string[], facts: Record<string, string>, asked: string[] }>} `facts`: texts that must not depend on how the shop was built.
 * @throws AssertionError that names the step, with all problems the browser reported.
 */
export async function checkShop({ dist, screenshotDir, onStep = () => {} }) {
  assert.deepEqual(deadReferences(dist), [], 'every address in HTML and CSS leads to a file');
  if (screenshotDir) mkdirSync(screenshotDir, { recursive: true });
  const server = await serve(dist);
  try {
    return await withPage(server.origin, async (page, problems) => {
      const visit = new Visit(page, server.origin, screenshotDir);
      for (const [name, step] of steps) {
        const started = performance.now();
        try {
          await step(page, visit);
          // A worker or a font reports a little after the page is done.
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30))));
        } catch (error) {
          throw new assert.AssertionError({ message: `${name}: ${plain(error.message)}${listed(problems)}`, actual: error.actual, expected: error.expected });
        }
        if (problems.length > 0) throw new assert.AssertionError({ message: `${name}:${listed(problems)}` });
        onStep(name, performance.now() - started);
      }
      const missing = [...server.asked].filter(([, status]) => status !== 200).map(([path]) => path);
      assert.deepEqual(missing, [], 'files that the browser asked for and did not get');
      // Every script, style and picture that was emitted has a use in this visit: what is left over was emitted for nothing.
      const unused = filesOf(dist).filter((file) => /\.(js|css|png|svg)$/.test(file) && !server.asked.has(`/${file}`));
      assert.deepEqual(unused, [], 'emitted files that nothing loads');
      return { steps: steps.map(([name]) => name), facts: visit.facts, asked: [...server.asked.keys()] };
    });
  } finally {
    await server.close();
  }
}

/** Playwright colours its call logs. */
const plain = (text) => text.replace(/\x1b\[\d+m/g, '');
const listed = (problems) => (problems.length > 0 ? `\n  ${problems.join('\n  ')}` : '');

/** Repeats `check` until it passes; a page paints when it likes. The last refusal counts after five seconds. */
async function eventually(check) {
  const end = performance.now() + 5000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}

class Visit {
  facts = {};

  constructor(page, origin, screenshotDir) {
    this.page = page;
    this.origin = origin;
    this.screenshotDir = screenshotDir;
  }

  /** As typed into the address bar: a fresh document. */
  async open(path) {
    await this.page.goto(this.origin + path, { waitUntil: 'load' });
  }

  /** As clicked in the head of the page: no new document. */
  async follow(name) {
    await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
  }

  heading(text) {
    return this.page.getByRole('heading', { level: 1, name: text }).waitFor();
  }

  async path(expected) {
    await this.page.waitForURL((url) => (expected instanceof RegExp ? expected.test(url.pathname + url.search) : url.pathname + url.search === expected));
  }

  /** The text of the first match, spaces folded; waits for it to become what is expected. */
  async text(selector, expected) {
    return eventually(async () => {
      const text = (await this.page.locator(selector).first().innerText()).replace(/\s+/g, ' ').trim();
      if (expected instanceof RegExp) assert.match(text, expected, `text of ${selector}`);
      else if (expected !== undefined) assert.equal(text, expected, `text of ${selector}: ${text}`);
      return text;
    });
  }

  async count(selector, expected) {
    await eventually(async () => assert.equal(await this.page.locator(selector).count(), expected, `number of ${selector}`));
  }

  async fact(name, selector, expected) {
    this.facts[name] = await this.text(selector, expected);
  }

  async style(selector, properties) {
    const locator = this.page.locator(selector).first();
    await locator.waitFor({ state: 'attached' });
    for (const [property, expected] of Object.entries(properties)) {
      await eventually(async () => {
        const value = await locator.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
        if (expected instanceof RegExp) assert.match(value, expected, `${property} of ${selector}`);
        else assert.equal(value, expected, `${property} of ${selector}: ${value}`);
      });
    }
  }

  /** Every picture in sight of the locator has pixels. */
  async pictures(atLeast) {
    const broken = await this.page.evaluate(async () => {
      await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
      return { all: document.images.length, broken: [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src.slice(0, 120)) };
    });
    assert.deepEqual(broken.broken, [], 'pictures without pixels');
    assert.ok(broken.all >= atLeast, `${broken.all} pictures, expected at least ${atLeast}`);
  }

  /** The picture behind an element, loaded by the address that its computed style holds. */
  async background(selector, width) {
    const natural = await this.page.locator(selector).first().evaluate(async (element) => {
      const address = /url\("(.*?)"\)/.exec(getComputedStyle(element).backgroundImage)?.[1];
      if (!address) return 'no url() in background-image';
      const image = new Image();
      image.src = address;
      await image.decode();
      return image.naturalWidth;
    });
    assert.equal(natural, width, `width of the picture behind ${selector}`);
  }

  async shot(name, fullPage = true) {
    if (!this.screenshotDir) return;
    await this.page.evaluate(() => document.fonts.ready);
    await this.page.screenshot({ path: join(this.screenshotDir, `${name}.png`), fullPage });
  }
}

const products = '[data-testid=grid] [data-product]';

const steps = [
  [
    'the front page',
    async (page, visit) => {
      await visit.open('/');
      await visit.heading('Pots for the table, thrown by the sea.');
      await page.waitForFunction((title) => document.title === title, 'Saltglaze · Stoneware from the shore');
      await visit.count(products, 4);
      await visit.text('.journal article', /^6 November 2026 What salt does at 1280 degrees/);
      await visit.text('.hero__card', /Harbour teapot .*€148/);
      await visit.text('.collection-card', /Morning light .* 5 pieces/);
      await visit.text('.site-footer', /Version 1\.4\.0, built for production\./);
      await visit.pictures(10);
      assert.equal(await page.getByTestId('hero').evaluate((image) => image.naturalWidth), 1600, 'new URL(..., import.meta.url)');
      await visit.shot('home');
    },
  ],
  [
    'styles, fonts and pictures of the style sheets',
    async (page, visit) => {
      await visit.style('body', { 'background-color': 'rgb(246, 241, 231)', 'font-family': /^"?Inter Variable/, margin: '0px' });
      await visit.style('h1', { 'font-family': /^"?Fraunces Variable/, 'font-weight': '460' });
      await visit.style('.button--primary', { 'background-color': 'rgb(44, 95, 107)', 'border-radius': '99px' });
      await visit.style('.site-header', { position: 'sticky', top: '0px' });
      await visit.background('body', 64);
      await visit.background('.story', 1200);
      await visit.background('.wave', 240);
      // A CSS module, with a class composed from another one.
      await visit.style('[data-product] > div', { 'border-radius': '22px', position: 'relative', 'transition-property': 'transform, box-shadow' });
      await visit.style('[data-testid=grid]', { display: 'grid' });
      assert.equal(await page.locator('[data-testid=grid]').evaluate((grid) => getComputedStyle(grid).gridTemplateColumns.split(' ').length), 4);
      const fonts = await page.evaluate(() => document.fonts.ready.then(() => [...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family.replaceAll('"', ''))));
      assert.ok(fonts.includes('Fraunces Variable') && fonts.includes('Inter Variable'), `loaded fonts: ${fonts}`);
      await page.emulateMedia({ media: 'print' });
      await visit.style('.site-header', { display: 'none' });
      await page.emulateMedia({ media: 'screen' });
      const icon = await page.evaluate(async () => {
        const { href } = document.querySelector('link[rel=icon]');
        const response = await fetch(href);
        return `${response.status} ${response.headers.get('content-type') ?? href.slice(0, 18)}`;
      });
      assert.match(icon, /^200 image\/svg\+xml/, 'favicon');
    },
  ],
  [
    'the shop: filters, sorting, search',
    async (page, visit) => {
      await visit.follow('Shop');
      await visit.heading('All pieces');
      await visit.text('[data-testid=count]', '18 pieces');
      await visit.count(products, 18);
      await visit.pictures(19);
      await visit.shot('shop');

      await page.getByRole('button', { name: 'Vases 4' }).click();
      await visit.heading('Vases');
      await visit.path('/shop?category=vases');
      await visit.text('[data-testid=count]', '4 pieces');
      await page.getByLabel('Sort').selectOption('price-down');
      await visit.path('/shop?category=vases&sort=price-down');
      await visit.text(products, /Moon jar .*€248/);
      await page.getByLabel('Sort').selectOption('price-up');
      await visit.text(products, /Bud vase trio/);

      await page.getByRole('button', { name: 'Everything 18' }).click();
      await visit.text('[data-testid=count]', '18 pieces');
      await page.getByRole('button', { name: 'Ink' }).click();
      await visit.text('[data-testid=count]', '3 pieces');
      await page.getByRole('button', { name: 'Ember' }).click();
      await visit.text('[data-testid=count]', '5 pieces');
      // The box follows the address, which changes a moment later: `check()` would look too early.
      await page.getByLabel('Only what is on the shelf').click();
      await visit.text('[data-testid=count]', '4 pieces');

      await page.getByRole('searchbox').fill('porridge');
      await visit.path('/shop?q=porridge');
      await visit.text('[data-testid=count]', '1 piece');
      await page.getByRole('searchbox').fill('submarine');
      await page.getByRole('heading', { name: 'An empty shelf.' }).waitFor();
      await page.getByRole('button', { name: 'Show everything' }).click();
      await visit.text('[data-testid=count]', '18 pieces');
    },
  ],
  [
    'a product: options, traits, the care guide, the cart',
    async (page, visit) => {
      await page.locator('[data-product=drift-bowl]').click();
      await visit.heading('Drift bowl');
      await page.waitForFunction((title) => document.title === title, 'Drift bowl · Saltglaze');
      await visit.text('[data-testid=price]', '€38');
      await page.getByRole('radio', { name: 'Set of four' }).click();
      await visit.text('[data-testid=price]', '€140');
      await visit.text('[data-testid=traits]', 'Food safe Dishwasher safe Oven to 220 °C');
      await visit.text('[data-testid=arrival]', /^With you from \d+( [A-Z][a-z]+)? to \d+ [A-Z][a-z]+$/);
      // A product asks its collection, and the collection asks the products: two modules that import each other.
      await visit.text('.eyebrow', /the long table/i);
      await visit.count(products, 4);
      await visit.count('[data-testid=care]', 0);
      await page.getByRole('button', { name: 'How to look after it' }).click();
      await visit.text('[data-testid=care]', /^Use it Every glaze .* Wash it .* When it breaks/);
      await page.getByRole('group', { name: 'Quantity' }).getByRole('button', { name: 'More' }).click();
      await page.getByRole('button', { name: 'Into the cart' }).click();
      await page.getByText('Drift bowl is in your cart.').waitFor();
      await page.getByRole('link', { name: 'Cart, 2 pieces' }).waitFor();
      await visit.pictures(6);
      await visit.shot('product');
    },
  ],
  [
    'every product has a page and a picture, opened by its address',
    async (page, visit) => {
      for (const [slug, name] of [['moon-jar', 'Moon jar'], ['kelp-planter', 'Kelp planter']]) {
        await visit.open(`/shop/${slug}`);
        await visit.heading(name);
        await visit.pictures(6);
      }
      await visit.text('[data-testid=traits]', 'Frost-proof');
      await visit.open('/shop/lantern-espresso');
      await visit.heading('Lantern espresso cup');
      assert.ok(await page.getByRole('button', { name: 'Sold out' }).isDisabled());
    },
  ],
  [
    'the cart: quantities, codes, removal',
    async (page, visit) => {
      await visit.open('/shop/skerry-mug');
      await page.getByRole('button', { name: 'Into the cart' }).click();
      await page.getByRole('link', { name: 'Cart, 3 pieces' }).click();
      await visit.heading('Your cart');
      await visit.text('[data-testid=total]', '€314');
      await page.getByRole('group', { name: 'Quantity of Skerry mug' }).getByRole('button', { name: 'More' }).click();
      await visit.text('[data-testid=total]', '€348');
      await page.getByLabel('Code').fill('nonsense');
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('We do not know that code.').waitFor();
      await page.getByLabel('Code').fill('tide10');
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Thank you: that code works.').waitFor();
      await visit.text('[data-testid=discount]', 'Discount − €34.80');
      await visit.text('[data-testid=total]', '€313.20');
      await visit.pictures(3);
      await visit.shot('cart', false);
      await page.locator('[data-line=skerry-mug]').getByRole('button', { name: 'Remove' }).click();
      await visit.text('[data-testid=total]', '€252');
    },
  ],
  [
    'the checkout: faults in the form, then an order',
    async (page, visit) => {
      await page.getByRole('link', { name: 'To the checkout' }).click();
      await visit.heading('Checkout');
      await page.getByRole('button', { name: 'Place the order' }).click();
      await visit.count('[role=alert]', 7);
      const form = { Name: 'Inge Petersen', Email: 'inge@example.org', 'Street and number': 'Am Deich 4', Postcode: '25980', Town: 'Sylt', 'Card number': '4242424242424241', 'Valid until': '08/39' };
      for (const [label, value] of Object.entries(form)) await page.getByLabel(label, { exact: true }).fill(value);
      await page.getByRole('button', { name: 'Place the order' }).click();
      await visit.text('[role=alert]', 'A digit of the card number seems wrong.');
      await page.getByLabel('Card number').fill('4242424242424242');
      assert.equal(await page.getByLabel('Card number').inputValue(), '4242 4242 4242 4242');
      await page.getByLabel('Country').selectOption('Denmark');
      await page.getByRole('radio', { name: /Courier/ }).check();
      await visit.text('[data-testid=total]', '€264.90');
      await visit.shot('checkout', false);
      await page.getByRole('button', { name: 'Place the order' }).click();
      await visit.path(/^\/orders\/SG-[0-9A-Z]{7}$/);
      // Confetti comes by a dynamic import() that is no route; it is gone after two seconds.
      await page.locator('canvas[data-confetti="140"]').waitFor({ state: 'attached' });
      await visit.heading('Thank you, Inge.');
      await visit.text('[data-testid=paid]', '€264.90');
      await visit.text('[data-status=placed]', /^Placed /);
      await visit.style('[data-status=placed]', { color: 'rgb(34, 48, 58)' });
      await visit.text('address', /Am Deich 4 25980 Sylt Denmark/);
      await visit.shot('order', false);
      await page.locator('canvas').waitFor({ state: 'detached' });
      await page.getByRole('link', { name: 'Cart, 0 pieces' }).waitFor();
    },
  ],
  [
    'orders stay after a reload',
    async (page, visit) => {
      await page.reload();
      await visit.heading('Thank you, Inge.');
      await visit.follow('Orders');
      await visit.heading('Your orders');
      await visit.text('[data-order]', /^SG-[0-9A-Z]{7} (?:less than a minute|\d minutes?) ago Placed €264\.90$/);
      await page.locator('[data-order]').click();
      await visit.heading('Thank you, Inge.');
      await page.goBack();
      await visit.heading('Your orders');
      await page.getByRole('link', { name: 'Cart, 0 pieces' }).click();
      await visit.heading('Your cart is empty.');
      await visit.open('/checkout');
      await visit.path('/cart');
    },
  ],
  [
    'the statistics of the worker',
    async (page, visit) => {
      const worker = page.waitForEvent('worker');
      await visit.follow('Open books');
      await visit.heading('Open books');
      assert.equal(new URL((await worker).url()).origin, visit.origin, 'the worker is a file of this host');
      await page.locator('[data-testid=report][data-paths="5000"]').waitFor();
      await visit.fact('revenue', '[data-testid=card-revenue]', /^€[\d,]+$/);
      await visit.fact('orders', '[data-testid=card-orders]', /^[\d,]+$/);
      await visit.fact('pieces', '[data-testid=card-pieces]', /^[\d,]+$/);
      await visit.fact('next month', '[data-testid=card-next]', /^€[\d,]+$/);
      await visit.text('[data-testid=computed]', /^[\d,]+ sales and 5,000 drawn futures in \d+ ms$/);
      await visit.count('tbody tr', 5);
      await visit.fact('best', 'tbody tr');
      assert.match((await page.getByTestId('forecast').getAttribute('d')) ?? '', /^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){6}$/);
      // Styles of a lazily loaded route.
      await visit.style('[data-testid=report] > dl', { display: 'grid' });
      assert.equal(await page.locator('[data-testid=report] > dl').evaluate((list) => getComputedStyle(list).gridTemplateColumns.split(' ').length), 4);
      await visit.style('[data-testid=forecast]', { stroke: 'rgb(169, 72, 31)', fill: 'none' });
      await visit.shot('insights');
      await page.getByRole('radio', { name: '80,000' }).click();
      await page.locator('[data-testid=report][data-paths="80000"]').waitFor();
      await visit.text('[data-testid=computed]', /80,000 drawn futures/);
    },
  ],
  [
    'the pottery, and how the page was built',
    async (page, visit) => {
      await visit.follow('The pottery');
      await visit.heading('Behind the dunes');
      assert.equal(await page.getByTestId('coast').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), true);
      await visit.count('.glaze-card', 9);
      await visit.text('[data-fact=Version]', '1.4.0');
      await visit.text('[data-fact=Mode]', 'production');
      await visit.text('[data-fact=Kind]', 'production');
      await visit.text('[data-fact="This module"]', /\.js$/);
      await visit.shot('about');
    },
  ],
  [
    'settings: theme, currency, languages of dates',
    async (page, visit) => {
      await visit.follow('Settings');
      await visit.heading('Settings');
      await visit.text('[data-testid=date-sample]', 'Friday, 27 November 2026');
      for (const [name, date] of [['Deutsch', 'Freitag, 27. November 2026'], ['Français', 'vendredi 27 novembre 2026'], ['日本語', '2026年11月27日金曜日']]) {
        await page.getByRole('radio', { name }).click();
        await page.getByText(date, { exact: true }).waitFor();
      }
      await page.getByRole('radio', { name: 'English' }).click();
      await page.getByText('Friday, 27 November 2026').waitFor();
      await page.getByRole('radio', { name: 'GBP' }).click();
      await page.getByText('A Drift bowl is £32.30.').waitFor();
      await page.getByLabel('Keep still').check();
      await page.getByRole('radio', { name: 'Night' }).click();
      await visit.style('body', { 'background-color': 'rgb(23, 28, 31)', color: 'rgb(239, 232, 218)' });
      await visit.shot('settings', false);
      await visit.open('/');
      await visit.heading('Pots for the table, thrown by the sea.');
      await visit.style('html', { 'color-scheme': 'dark' });
      await visit.text('.hero__card', /£125\.80/);
      await visit.pictures(10);
      await visit.shot('home-night');
    },
  ],
  [
    'addresses that lead nowhere',
    async (page, visit) => {
      for (const path of ['/no/such/page', '/shop/no-such-pot', '/orders/SG-NONE']) {
        await visit.open(path);
        await visit.heading('404: only shards.');
        await page.waitForFunction((title) => document.title === title, 'Not found · Saltglaze');
      }
      await visit.shot('lost', false);
      await page.getByRole('link', { name: 'Back to the front page' }).click();
      await visit.path('/');
      await visit.heading('Pots for the table, thrown by the sea.');
    },
  ],
  [
    'a narrow window',
    async (page, visit) => {
      await page.setViewportSize({ width: 420, height: 860 });
      await visit.open('/shop');
      await visit.heading('All pieces');
      const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= window, `the page is ${wide} wide in a window of ${window}`);
      await visit.shot('narrow', false);
    },
  ],
];
