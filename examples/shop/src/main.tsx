import '@fontsource-variable/inter';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { trace } from './lib';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

trace('start', import.meta.env.MODE);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
