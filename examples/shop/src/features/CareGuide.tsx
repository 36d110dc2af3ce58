// Fetched when somebody opens it: most people know how to wash a cup.
import text from '@/data/care.txt?raw';
import { sections } from '@/lib/markdown';

export function CareGuide() {
  return (
    <div className="care sheet" data-testid="care">
      {sections(text).map(({ title, text: body }) => (
        <div key={title}>
          <h4>{title}</h4>
          <p>{body}</p>
        </div>
      ))}
    </div>
  );
}
