// A page of components with its style sheet, rendered on the server.
import { Alert, Autocomplete, Box, Button, Card, CardContent, createTheme, CssBaseline, Slider, Stack, Table, TableBody, TableCell, TableRow, Tabs, Tab, TextField, ThemeProvider, Typography, styled } from '@mui/material';
import { blue, red } from '@mui/material/colors';
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';

const theme = createTheme({ palette: { mode: 'dark', primary: blue, error: { main: red[300] } }, components: { MuiButton: { defaultProps: { variant: 'contained' } } } });
const Fancy = styled('div', { shouldForwardProp: (name) => name !== 'wide' })(({ theme, wide }) => ({ padding: theme.spacing(wide ? 4 : 1), '&:hover': { color: theme.palette.primary.main } }));
const cache = createCache({ key: 'c' });
const page = h(CacheProvider, { value: cache }, h(ThemeProvider, { theme }, h(CssBaseline),
  h(Stack, { spacing: 2, direction: { xs: 'column', md: 'row' } },
    h(Button, { color: 'error', startIcon: '!' }, 'Go'), h(Fancy, { wide: true }, 'x'), h(Alert, { severity: 'warning' }, 'Mind'), h(Slider, { defaultValue: 30, 'aria-label': 's' }),
    h(Card, null, h(CardContent, null, h(Typography, { variant: 'h5', gutterBottom: true }, 'Title'))), h(TextField, { label: 'Name', defaultValue: 'v', id: 'name' }),
    h(Tabs, { value: 0 }, h(Tab, { label: 'One' }), h(Tab, { label: 'Two' })), h(Autocomplete, { options: ['a'], id: 'auto', renderInput: (params) => h(TextField, { ...params, label: 'Pick' }) }),
    h(Table, null, h(TableBody, null, h(TableRow, null, h(TableCell, null, '1')))), h(Box, { sx: { m: 1, bgcolor: 'primary.dark', '& > *': { p: 2 } } }))));
console.log(renderToString(page));
console.log(Object.keys(cache.inserted).sort().join('\n'));
