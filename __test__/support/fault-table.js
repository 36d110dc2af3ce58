// Which fault is shown by which tests, and which cannot be shown here and why. A test compares docs/reliability.md with this table
// and looks whether the named tests exist; they run with all others.

const STORE = 'crates/cloudpack_store/tests/store';
const ORACLE = ['crates/cloudpack_testing/tests/oracle.rs', 'builds_with_a_store_equal_builds_without_one_whatever_happens_between'];
const NODE = '__test__/node/reliability.test.js';
const CACHE = '__test__/node/cache.test.js';
const KILL = ['crates/cloudpack_testing/tests/kill.rs', 'builds_that_are_killed_at_any_time_leave_nothing_wrong'];
const POWER = [`${STORE}/crashes.rs`, 'writes_that_power_loss_tears_loses_or_reorders_give_misses_and_no_wrong_record'];
const store = (/** @type {string} */ file, /** @type {string} */ name) => [`${STORE}/${file}.rs`, name];
const node = (/** @type {string} */ name) => [NODE, name];

/** `partly` says what a row does not show; `notHere` why there is nothing to show. */
export const rows = [
  { number: 1, fault: 'kill -9 at a random time', shownBy: [KILL], partly: 'A slice of 30 builds; `cargo xtask kill --builds 2000` goes on.' },
  { number: 2, fault: 'kill -9 between any two operations of a commit', shownBy: [store('crashes', 'a_process_that_dies_between_any_two_operations_leaves_a_store_that_opens')], partly: 'On a simulated disk.' },
  { number: 3, fault: 'power loss: unsynced writes are dropped', shownBy: [POWER], partly: 'On a simulated disk; any of the last three operations may be lost.' },
  { number: 4, fault: 'torn write', shownBy: [POWER], partly: 'In eighths of the file, cut short or filled with zeros.' },
  { number: 5, fault: 'reordered unsynced writes', shownBy: [POWER], partly: 'Any subset of the last three operations.' },
  { number: 6, fault: 'full disk at any write', shownBy: [store('crashes', 'a_full_disk_leaves_the_store_as_it_was_and_the_build_with_its_results')], partly: 'On a simulated disk.' },
  { number: 7, fault: 'read error', shownBy: [store('crashes', 'a_read_error_anywhere_is_a_miss')] },
  { number: 8, fault: 'file cut short while it is open', shownBy: [store('files', 'a_segment_cut_short_while_it_is_open_is_a_miss_and_no_signal')], partly: 'Nothing is mapped, so there is no signal to get.' },
  { number: 9, fault: 'flipped bits', shownBy: [store('damage', 'no_flipped_bit_gives_a_wrong_record_or_a_panic'), [CACHE, 'a damaged or deleted store costs time and nothing else'], ['crates/cloudpack/src/cache_tools.rs', 'every_damaged_byte_of_a_segment_is_found_by_verifying_or_was_of_no_meaning']] },
  { number: 10, fault: 'one record removed, checksums recomputed', shownBy: [store('damage', 'a_record_that_was_taken_out_with_all_checksums_right_is_a_miss'), ['crates/cloudpack_testing/tests/records.rs', 'any_record_taken_out_of_a_sound_store_leaves_builds_right']] },
  { number: 11, fault: 'values of two keys exchanged, checksums recomputed', shownBy: [store('damage', 'values_of_two_keys_exchanged_with_all_checksums_right_are_misses'), ['crates/cloudpack_testing/tests/records.rs', 'records_that_are_not_what_their_digest_says_leave_builds_right']], partly: 'The key of a compiled module is a digest of what it was made from: a record that was forged as a whole, its header included, is taken for true, as in any cache that is not signed.' },
  { number: 12, fault: 'duplicate records, an older root', shownBy: [store('damage', 'duplicate_and_unsorted_entries_void_the_segment'), node('a root of an earlier generation beside newer segments')] },
  { number: 13, fault: 'empty files', shownBy: [node('every file of it empty, cut short, or another file of it')] },
  { number: 14, fault: 'store deleted while a watcher runs', shownBy: [node('removed while a session and a watcher go on'), store('files', 'deleted_while_it_is_open_it_is_made_again_by_the_next_commit')] },
  { number: 15, fault: 'a file, a link or a pipe in the place of the store', shownBy: [store('files', 'a_file_where_the_directory_should_be_means_memory'), store('files', 'a_link_where_the_directory_should_be_is_not_followed'), store('files', 'pipes_and_links_in_the_place_of_files_are_neither_waited_for_nor_followed')] },
  { number: 16, fault: 'store that cannot be read or written; `cache: false`', shownBy: [node('in a place that cannot be written, and not asked for at all with cache: false'), store('processes', 'a_read_only_store_reads_and_never_writes'), [CACHE, 'a read-only cache is not written, and a verified one compiles everything']], partly: 'Permissions are no obstacle to a superuser, as whom the tests often run; a file system without room for files stands in.' },
  { number: 17, fault: 'two builds at once, same inputs', shownBy: [node('four processes build at once: the same, and with other options, while the store is too small for all of them'), store('processes', 'commits_of_two_writers_that_opened_together_are_both_there')] },
  { number: 18, fault: 'two builds at once, other options', shownBy: [node('four processes build at once: the same, and with other options, while the store is too small for all of them'), ['crates/cloudpack/src/compile_cache.rs', 'checkouts_that_share_a_store_have_a_head_each']] },
  { number: 19, fault: 'builds, readers and collection for half an hour', shownBy: [node('four processes build at once: the same, and with other options, while the store is too small for all of them'), store('processes', 'a_reader_keeps_its_snapshot_while_others_write_and_merge')], partly: 'For seconds, not for half an hour, and without a dev server, which does not exist yet.' },
  { number: 20, fault: 'lock of a process that was killed', shownBy: [KILL, store('processes', 'who_cannot_get_the_lock_keeps_its_results_and_says_so_once')], partly: 'The lock is the operating system\'s and ends with its holder. A network file system without locks is not shown.' },
  { number: 21, fault: 'store of another version, build or machine', shownBy: [store('damage', 'a_store_of_another_build_is_empty_and_is_replaced'), ['crates/cloudpack_store/src/root.rs', 'a_root_of_another_build_is_none']] },
  { number: 22, fault: 'store restored at another path, all times new', shownBy: [['__test__/node/session.test.js', 'a store that was restored in another directory, all times new, hits by content'], store('files', 'a_directory_is_made_filled_read_again_and_cleared')] },
  { number: 23, fault: 'limit much smaller than what is built', shownBy: [store('collecting', 'over_the_limit_what_was_used_least_recently_goes_first'), store('collecting', 'one_build_larger_than_the_limit_is_kept_and_not_copied_again_each_time'), node('growth over edits is bounded')], partly: 'With 150 builds of a small project.' },
  { number: 24, fault: 'a million records; more than 4 GB', shownBy: [store('files', 'a_quarter_of_a_million_records_are_found_again'), store('format', 'the_document_has_the_numbers_of_the_code')], partly: 'A quarter of a million. Offsets and lengths of files have 64 bits in the format; no file of 4 GB is made.' },
  { number: 25, fault: 'edit that keeps size and time', shownBy: [node('same size, same time of modification'), ['__test__/node/watch.test.js', 'an edit that keeps size and time is seen'], ORACLE] },
  { number: 26, fault: 'edit within the tick of the clock in which the build read', shownBy: [node('right after a build, a hundred times'), ['crates/cloudpack/src/build_record/trust.rs', 'a_stamp_is_trusted_only_if_both_times_are_older_than_the_read_by_more_than_a_tick']] },
  { number: 27, fault: 'edit while the build runs', shownBy: [node('while the build runs'), ['__test__/node/watch.test.js', 'an edit while a build runs is not lost']] },
  { number: 28, fault: 'times in the future, in 1970, going backwards', shownBy: [node('times in the future, in 1970 and going backwards'), ORACLE], partly: 'The times of files; the clock of the machine is not turned.' },
  { number: 29, fault: 'branches checked out, left and taken up again', shownBy: [node('a branch is checked out and left again'), ORACLE] },
  { number: 30, fault: 'file deleted, then restored', shownBy: [node('a file is deleted and comes back')] },
  { number: 31, fault: 'directory renamed; case of a name changed', shownBy: [node('a directory is renamed, and a name changes its case')], partly: 'On a file system that tells cases apart.' },
  { number: 32, fault: 'file becomes a directory with an index, and back', shownBy: [node('a file becomes a directory with an index, and back'), ORACLE] },
  { number: 33, fault: 'new file that shadows another', shownBy: [node('new files that shadow'), ORACLE] },
  { number: 34, fault: 'links turned, dangling, in a circle', shownBy: [node('links that are turned, lead nowhere, or to themselves'), ORACLE] },
  { number: 35, fault: 'package.json edited, package updated or patched', shownBy: [node('fields of package.json, a package that is updated, and one that is patched'), ORACLE] },
  { number: 36, fault: 'options, environment or plugin changed', shownBy: [node('options: defines, environment, mode, target, another plugin'), [CACHE, 'what a module is compiled with is part of its key']] },
  { number: 37, fault: 'watcher that misses events', shownBy: [['crates/cloudpack_fs/src/watch/tests.rs', 'what_changed_between_the_reading_and_the_watch_is_told_of'], ['crates/cloudpack_fs/src/watch/tests.rs', 'a_folder_that_goes_and_comes_back_is_watched_again'], ['crates/cloudpack_fs/src/watch/tests.rs', 'what_no_event_tells_of_is_found_after_the_next_build'], ['crates/cloudpack_fs/src/watch/journal.rs', 'too_much_is_everything_and_then_it_begins_anew']], partly: 'The first build of a process always looks at everything; later ones in a session do where events were lost. What comes without an event is found a second after the next build. A queue of the system that overflows is not provoked.' },
  { number: 38, fault: 'inputs that nobody would write', shownBy: [node('names that mean something elsewhere'), node('NUL, a byte order mark, invalid UTF-8, lone surrogates, CRLF and an empty file'), node('a line of ten megabytes, nesting of 20,000 levels, a barrel of 7,000 modules and a cycle of 2,000')], partly: 'A tenth of the sizes that the fault names.' },
  { number: 39, fault: 'plugin that throws, or says something else the second time', shownBy: [node('a plugin that throws, or gives another text the second time, is never kept'), [CACHE, 'a plugin that takes part sees every module'], ['__test__/hosts/faults.test.js', '%s that returns %o is named'], ['__test__/hosts/faults.test.js', 'is named after half a minute, and each time twice as long'], ['__test__/hosts/faults.test.js', 'and that nobody can end ends %s with an error that names it']], partly: 'A hook that could still end is waited for.' },
  { number: 40, fault: 'remote store that lies, stalls or fails', shownBy: [], notHere: 'There is no remote store.' },
  { number: '+', fault: 'little room: few open files, one thread, threads and processes that are ended', shownBy: [node('64 open files, one thread'), node('a worker thread that is ended, and a process that ends itself, in the middle of a build'), node('interrupted twice')], partly: 'Memory is not limited.' },
];

/** @param {typeof rows} table */
export function reportOf(table) {
  const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|');
  const lines = table.map(({ number, fault, shownBy, partly, notHere }) => {
    const tests = shownBy.map(([file, name]) => `\`${file.split('/').at(-1)}\`: ${name.replaceAll('_', ' ')}`).join('<br>');
    return `| ${number} | ${cell(fault)} | ${notHere ? 'no' : partly ? 'in part' : 'yes'} | ${cell(tests)} | ${cell(notHere ?? partly ?? '')} |`;
  });
  const count = (/** @type {(row: any) => boolean} */ of) => table.filter(of).length;
  return [
    '# Reliability',
    '',
    'What can happen to a store and to a project, and the tests that show that a build with the cache then gives what a build without',
    'one gives, ends in the same way, and says at most one line about it. Written by `__test__/node/reliability.test.js`, which also looks',
    'whether each of these tests exists; all of them run with `npm test`.',
    '',
    `${table.length} rows: ${count((row) => !row.partly && !row.notHere)} shown, ${count((row) => Boolean(row.partly))} shown in part, ${count((row) => Boolean(row.notHere))} not here.`,
    '',
    '| # | fault | shown | by | what is left out |',
    '|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
