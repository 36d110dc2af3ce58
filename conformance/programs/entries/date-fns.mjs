// Formats, parses and counts in several locales.
import { addBusinessDays, differenceInCalendarISOWeeks, eachDayOfInterval, format, formatDistanceStrict, formatDuration, formatRelative, intervalToDuration, isValid, parse, parseISO, startOfWeek } from 'date-fns';
import * as fp from 'date-fns/fp';
import { de, ja, ptBR } from 'date-fns/locale';

const day = new Date(2024, 1, 29, 13, 37, 5);
for (const locale of [undefined, de, ja, ptBR]) {
  console.log(format(day, 'PPPPpppp | qqqq | eeee do MMMM yyyy | BBBB', { locale }), formatRelative(addBusinessDays(day, 3), day, { locale }), formatDistanceStrict(day, parseISO('2020-01-01'), { locale }));
}
console.log(parse('31. Dezember 1999', 'd. MMMM yyyy', new Date(0), { locale: de }).getTime(), isValid(parse('x', 'yyyy', day)));
console.log(formatDuration(intervalToDuration({ start: new Date(2000, 0, 1), end: day })), differenceInCalendarISOWeeks(day, new Date(2000, 0, 1)));
console.log(eachDayOfInterval({ start: day, end: addBusinessDays(day, 4) }).map(fp.format('yy-MM-dd')), startOfWeek(day, { weekStartsOn: 1 }).toDateString(), Object.keys(fp).length);
