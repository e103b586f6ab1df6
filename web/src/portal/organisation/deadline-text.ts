/** A deadline of a reporting duty in words. */
import type { Deadline } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { t } from "../../messages/message.ts"

/** Describes a deadline: in days if they are whole and more than three, and otherwise in hours. */
export function deadlineText({ report, hours, after }: Deadline): string {
    const isInDays = hours % 24 === 0 && hours > 72
    const values = { report, count: isInDays ? hours / 24 : hours, unit: isInDays ? "days" : "hours" }
    return after === "becoming_aware"
        ? t("{report} within {count} {unit, select, days {days} other {h}} of becoming aware", values)
        : t(
              "{report} within {count} {unit, select, days {days} other {h}} of a corrective measure being available",
              values,
          )
}
