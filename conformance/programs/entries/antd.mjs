// Components of the design system rendered on the server with their generated style sheet.
import { Alert, Button, Calendar, Card, ConfigProvider, DatePicker, Form, Input, Menu, Select, Space, Steps, Table, Tag, theme, Tree } from 'antd';
import { createCache, extractStyle, StyleProvider } from '@ant-design/cssinjs';
import { SmileOutlined } from '@ant-design/icons';
import dayjs from 'dayjs';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';

const cache = createCache();
const day = dayjs('2024-02-29');
const page = h(StyleProvider, { cache }, h(ConfigProvider, { theme: { algorithm: theme.darkAlgorithm, token: { colorPrimary: '#00b96b' } } },
  h(Space, null, h(Button, { type: 'primary', icon: h(SmileOutlined) }, 'Go'), h(Tag, { color: 'magenta' }, 'tag'), h(Alert, { title: 'text', type: 'info', showIcon: true })),
  h(Form, { initialValues: { a: 'x' } }, h(Form.Item, { name: 'a', label: 'A' }, h(Input)), h(Select, { options: [{ value: 1, label: 'one' }], defaultValue: 1 })),
  h(Table, { columns: [{ title: 'N', dataIndex: 'n', sorter: (a, b) => a.n - b.n }], dataSource: [{ key: 1, n: 3 }], pagination: false }),
  h(Menu, { items: [{ key: 'a', label: 'Menu' }], mode: 'inline' }), h(Steps, { items: [{ title: 'first' }, { title: 'second' }] }),
  h(Tree, { treeData: [{ key: 't', title: 'tree' }] }), h(Calendar, { value: day, fullscreen: false }), h(DatePicker, { value: day }), h(Card, { title: 'card' })));
console.log(renderToString(page));
const css = extractStyle(cache, { plain: true });
console.log(css.length > 10000, css.split('}').sort().join('}\n').length, css.includes('#00b96b'));
