// Operators, schedulers, subjects and marble tests.
import { asyncScheduler, BehaviorSubject, concat, defer, forkJoin, from, interval, merge, of, ReplaySubject, throwError, timer, zip } from 'rxjs';
import { bufferCount, catchError, concatMap, finalize, groupBy, map, mergeMap, observeOn, reduce, retry, scan, share, switchMap, take, toArray, withLatestFrom } from 'rxjs/operators';
import { ajax } from 'rxjs/ajax';
import { TestScheduler } from 'rxjs/testing';

const log = (name) => ({ next: (value) => console.log(name, value), error: (error) => console.log(name, 'error', error.message), complete: () => console.log(name, 'done') });
of(1, 2, 3, 4, 5).pipe(map((x) => x * x), scan((a, b) => a + b), bufferCount(2)).subscribe(log('sync'));
from('hello').pipe(groupBy((c) => c), mergeMap((group) => group.pipe(reduce((n) => n + 1, 0), map((n) => group.key + n))), toArray()).subscribe(log('groups'));
let tries = 0;
defer(() => (tries++ < 2 ? throwError(() => new Error(`try ${tries}`)) : of('third'))).pipe(retry(3), finalize(() => console.log('over'))).subscribe(log('retry'));
throwError(() => new TypeError('bad')).pipe(catchError((error, caught) => of(error.name, typeof caught.subscribe))).subscribe(log('catch'));
const subject = new BehaviorSubject(0);
const shared = subject.pipe(share({ connector: () => new ReplaySubject(1) }));
shared.pipe(withLatestFrom(of('x'))).subscribe(log('subject'));
subject.next(1);
subject.complete();
new TestScheduler((actual, expected) => console.log(JSON.stringify(actual) === JSON.stringify(expected))).run(({ cold, expectObservable }) => {
  expectObservable(cold('-a--b|').pipe(switchMap((v) => timer(2).pipe(map(() => v))))).toBe('---a--b|'.replace('b|', '(b|)').replace('-(', '(').padStart(7, '-'), { a: 'a', b: 'b' });
  expectObservable(zip(cold('a-b|'), cold('-c|')).pipe(map(([x, y]) => x + y))).toBe('-p|', { p: 'ac' });
});
console.log(typeof ajax.getJSON);
forkJoin({ a: timer(3).pipe(map(() => 'A')), b: concat(of(1), of(2)).pipe(observeOn(asyncScheduler)) }).subscribe(log('fork'));
setTimeout(() => merge(interval(1).pipe(take(3)), of('m')).pipe(concatMap((x) => [x, x])).subscribe(log('merge')), 30);
