import { useCallback, useEffect, useRef, useState } from 'react';
import type { FromWorker, SalesReport, ToWorker } from '@/workers/protocol';

export interface Sales {
  readonly report: SalesReport | null;
  readonly progress: number;
  readonly run: (paths: number) => void;
}

/** One worker for as long as the page that shows its numbers is open. */
export function useSales(firstPaths: number): Sales {
  const worker = useRef<Worker | null>(null);
  const request = useRef(0);
  const [report, setReport] = useState<SalesReport | null>(null);
  const [progress, setProgress] = useState(0);

  const run = useCallback((paths: number) => {
    setProgress(0);
    const message: ToWorker = { kind: 'run', id: ++request.current, paths };
    worker.current?.postMessage(message);
  }, []);

  useEffect(() => {
    const created = new Worker(new URL('../workers/sales.worker.ts', import.meta.url), { type: 'module', name: 'sales' });
    worker.current = created;
    created.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      // An answer to an older question comes too late.
      if (data.id !== request.current) return;
      if (data.kind === 'progress') setProgress(data.share);
      else {
        setReport(data.report);
        setProgress(1);
      }
    };
    created.onerror = (event) => console.error('the sales worker failed', event.message);
    run(firstPaths);
    return () => created.terminate();
  }, [firstPaths, run]);

  return { report, progress, run };
}
