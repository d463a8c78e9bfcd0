//! The utility classes of Tailwind CSS 4.

use super::Slot;

// Written whole, since Tailwind's compiler finds only classes that stand somewhere as one word.
pub(super) fn tailwind(slot: Slot) -> &'static str {
    match slot {
        Slot::Form => "max-w-2xl text-gray-900 dark:text-gray-100",
        Slot::Outer => "mb-6 min-w-0",
        Slot::Label | Slot::Legend => "mb-1.5 block text-sm font-semibold",
        Slot::Info => "mt-1.5 text-sm text-gray-600 dark:text-gray-400",
        Slot::Error => "mt-1.5 text-sm font-medium text-red-700 dark:text-red-300",
        Slot::Summary => {
            "mb-6 rounded-md border-l-4 border-red-700 bg-red-50 p-4 text-red-900 dark:border-red-400 dark:bg-red-950 \
             dark:text-red-100"
        }
        Slot::SummaryTitle => "mb-2 font-semibold",
        Slot::SummaryList => "list-disc space-y-1 pl-5",
        Slot::SummaryLink => "underline underline-offset-2",
        Slot::Conflict => {
            "mb-6 rounded-md border-l-4 border-amber-600 bg-amber-50 p-4 text-amber-950 dark:bg-amber-950 \
             dark:text-amber-100"
        }
        Slot::Notice | Slot::Draft => {
            "mb-6 rounded-md border-l-4 border-sky-600 bg-sky-50 p-4 text-sky-950 dark:bg-sky-950 dark:text-sky-100"
        }
        Slot::Submit => {
            "cursor-pointer rounded-md bg-indigo-600 px-4 py-2 text-sm font-semibold text-white shadow-xs \
             hover:bg-indigo-700 focus-visible:outline-2 focus-visible:outline-offset-2 \
             focus-visible:outline-indigo-600 disabled:cursor-not-allowed disabled:opacity-60 \
             dark:focus-visible:outline-indigo-300"
        }
        Slot::Button => {
            "shrink-0 cursor-pointer rounded-md border border-gray-500 px-3 py-2 text-sm font-semibold \
             hover:bg-gray-100 focus-visible:outline-2 focus-visible:outline-indigo-600 \
             disabled:cursor-not-allowed disabled:opacity-60 dark:hover:bg-gray-800 \
             dark:focus-visible:outline-indigo-300"
        }
        Slot::RowButton => {
            "cursor-pointer rounded-md border border-gray-500 px-2 py-1 text-sm hover:bg-gray-100 \
             focus-visible:outline-2 focus-visible:outline-indigo-600 dark:hover:bg-gray-800 \
             dark:focus-visible:outline-indigo-300"
        }
        Slot::Buttons => "mt-8 flex flex-wrap items-center gap-4",
        Slot::Input | Slot::Textarea | Slot::Select => {
            "block w-full rounded-md border border-gray-500 bg-white px-3 py-2 text-base shadow-xs \
             placeholder:text-gray-500 focus-visible:outline-2 focus-visible:outline-indigo-600 dark:bg-gray-900 \
             dark:placeholder:text-gray-400 dark:focus-visible:outline-indigo-300"
        }
        Slot::Code => {
            "block w-full rounded-md border border-gray-500 bg-white px-3 py-2 font-mono text-sm shadow-xs \
             placeholder:text-gray-500 focus-visible:outline-2 focus-visible:outline-indigo-600 dark:bg-gray-900 \
             dark:placeholder:text-gray-400 dark:focus-visible:outline-indigo-300"
        }
        // Some of the classes above set the same properties.
        Slot::Invalid => "border-red-700! outline-red-700 dark:border-red-400!",
        Slot::Disabled => {
            "cursor-not-allowed bg-gray-100! text-gray-600! dark:bg-gray-800! dark:text-gray-400!"
        }
        Slot::File => {
            "block w-full rounded-md border border-gray-500 text-sm file:mr-4 file:cursor-pointer file:border-0 \
             file:bg-gray-200 file:px-4 file:py-2.5 file:font-semibold file:text-gray-900 \
             focus-visible:outline-2 focus-visible:outline-indigo-600 dark:file:bg-gray-700 dark:file:text-gray-100 \
             dark:focus-visible:outline-indigo-300"
        }
        Slot::Files => "mt-3 space-y-3",
        Slot::FileRow => "flex flex-wrap items-center gap-4",
        Slot::Preview => "h-24 w-auto rounded-md border border-gray-300 dark:border-gray-700",
        Slot::Note => {
            "rounded-full bg-amber-100 px-2.5 py-0.5 text-xs font-medium text-amber-900 dark:bg-amber-900 \
             dark:text-amber-100"
        }
        Slot::Progress => "w-full accent-indigo-600",
        Slot::Checkbox | Slot::Radio => {
            "size-4.5 shrink-0 accent-indigo-600 focus-visible:outline-2 focus-visible:outline-offset-2 \
             focus-visible:outline-indigo-600 dark:focus-visible:outline-indigo-300"
        }
        Slot::Choices => "flex flex-wrap gap-x-6 gap-y-1",
        Slot::Choice => "flex min-h-8 items-center gap-2.5 text-base",
        Slot::ChoiceSet => "flex w-full flex-wrap gap-x-6 gap-y-1",
        Slot::ChoiceGroup => "w-full text-sm text-gray-600 dark:text-gray-400",
        Slot::Color => {
            "h-11 w-20 cursor-pointer rounded-md border border-gray-500 bg-white p-1 focus-visible:outline-2 \
             focus-visible:outline-indigo-600 dark:bg-gray-900 dark:focus-visible:outline-indigo-300"
        }
        Slot::Range => {
            "h-8 w-full cursor-pointer accent-indigo-600 focus-visible:outline-2 focus-visible:outline-indigo-600 \
             dark:focus-visible:outline-indigo-300"
        }
        Slot::Output => {
            "min-w-12 rounded-md bg-gray-100 px-2 py-1 text-center font-mono text-sm dark:bg-gray-800"
        }
        Slot::Joined => "flex items-center gap-3",
        Slot::Search => "space-y-2",
        Slot::Ordered => "list-decimal space-y-2 pl-6",
        Slot::Item => "not-last:mb-2",
        Slot::ReadOnly => "min-h-6 text-base",
        Slot::Rows => "mb-6 space-y-4",
        Slot::Row => "rounded-md border border-gray-300 p-4 dark:border-gray-700",
        Slot::Hidden => "sr-only",
        Slot::Inner | Slot::Group | Slot::ChoiceText | Slot::SelectWrap | Slot::SelectWrapMultiple => "",
    }
}
