/** The calendar of publication days, and its form. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import type { Calendar } from "../../../../server/src/share/waves/calendar.ts"
import { RowsDialog } from "../../kit/rows-form.tsx"
import type { Row } from "../../kit/rows.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

type Day = Calendar[number]

const weekdays = [t("Sunday"), t("Monday"), t("Tuesday"), t("Wednesday"), t("Thursday"), t("Friday"), t("Saturday")]
const places = {
    1: t("first"),
    2: t("second"),
    3: t("third"),
    4: t("fourth"),
    [-1]: t("last"),
} satisfies Readonly<Record<Day["nth"], string>>
const nths: readonly Day["nth"][] = [1, 2, 3, 4, -1]

export function dayInWords({ nth, weekday, hour, minute, zone }: Day): string {
    return t(
        "{nth, select, 1 {the first} 2 {the second} 3 {the third} 4 {the fourth} other {the last}} {weekday} of each month, {time} in {zone}",
        { nth, weekday: weekdays[weekday], time: `${two(hour)}:${two(minute)}`, zone },
    )
}

const two = (part: number): string => String(part).padStart(2, "0")

const fields = [
    { name: "name", label: t("Name") },
    { name: "nth", label: t("Which"), from: nths.map((nth) => ({ value: String(nth), name: places[nth] })) },
    { name: "weekday", label: t("Weekday"), from: weekdays.map((name, day) => ({ value: String(day), name })) },
    { name: "time", label: t("Local time") },
    { name: "zone", label: t("Time zone") },
]

const rowOf = ({ name, nth, weekday, hour, minute, zone }: Day): Row => ({
    name,
    nth: String(nth),
    weekday: String(weekday),
    time: `${two(hour)}:${two(minute)}`,
    zone,
})

/** Converts a row to a day. Throws the message to show. */
function dayOf(row: Row): Day {
    const { name = "", time = "", zone = "" } = row
    const [, hour, minute] = /^\s*(\d{1,2}):(\d\d)\s*$/.exec(time) ?? []
    if (hour === undefined || minute === undefined) throw new Error(t("“{name}” needs a time like 10:00", { name }))
    return {
        name: name.trim(),
        nth: nths.find((nth) => String(nth) === row["nth"]) ?? 1,
        weekday: Number(row["weekday"] ?? 0),
        hour: Number(hour),
        minute: Number(minute),
        zone: zone.trim(),
    }
}

const patchTuesday: Day = {
    name: "Patch Tuesday",
    nth: 2,
    weekday: 2,
    hour: 10,
    minute: 0,
    zone: "America/Los_Angeles",
}

/** Adds the second Tuesday of each month, 10:00 in Redmond, unless the calendar has it. */
export function AddPatchTuesday({ items }: { items: Calendar }) {
    const disabledReason = useWhyNot()("default_schedule:write")
    if (items.some(({ name }) => name === patchTuesday.name)) return null
    return (
        <Do disabledReason={disabledReason} write={writeTo("PUT", "/api/calendar", { days: [...items, patchTuesday] })}>
            {t("Add Patch Tuesday")}
        </Do>
    )
}

export function CalendarDialog({ items }: { items: Calendar }) {
    return (
        <RowsDialog
            button={t("Change…")}
            title={t("Publication days")}
            submit={t("Save publication days")}
            disabledReason={useWhyNot()("default_schedule:write")}
            requests={[
                {
                    many: t("Days"),
                    singular: "day",
                    fields,
                    initial: items.map(rowOf),
                    hint: t("a zone like America/Los_Angeles; daylight saving time is followed"),
                },
            ]}
            write={(rows = []) => writeTo("PUT", "/api/calendar", { days: rows.map(dayOf) })}
        >
            <p className="muted">{t("Agreed embargoes keep their end.")}</p>
        </RowsDialog>
    )
}
