// An engine that makes files of a very simple kind, and records everything that it was told and asked for.
export function recordingEngine({ name = 'recording', ...more } = {}) {
  const seen = [];
  return {
    seen,
    name,
    version: '1',
    transform(plan) {
      const call = { plan, asked: [], text: '' };
      seen.push(call);
      const known = new Map(plan.modules.map((module) => [module.file, module]));
      const entries = plan.chunks.filter((chunk) => chunk.kind === 'entry');
      return entries.map(({ fileName }) => {
        const codes = plan.modules.map((module) => {
          call.asked.push(module.id);
          call.text += plan.code(module.id);
          return `/* ${known.get(module.file).file} */`;
        });
        return { fileName, code: `${codes.join('\n')}\nexport const made = ${JSON.stringify(name)};\n` };
      });
    },
    ...more,
  };
}
