/** Puts the deadline of a filing into words. Pure. */
import type { Filing, Regime } from "../../../../server/src/trace/regulatory-clocks/regime.ts"
import { t } from "../../messages/message.ts"

const times: Readonly<Record<Filing["unit"], (count: number) => string>> = {
    hours: (count) => t("{count, plural, one {# hour} other {# hours}}", { count }),
    days: (count) => t("{count, plural, one {# day} other {# days}}", { count }),
    months: (count) => t("{count, plural, one {# month} other {# months}}", { count }),
}

/** Returns how long after which start a filing is due: "24 hours after awareness". */
export function deadlineText({ count, unit, after }: Filing, { filings }: Pick<Regime, "filings">): string {
    const time = times[unit](count)
    if (after === "awareness") return t("{time} after awareness", { time })
    if (after === "fix_available") return t("{time} after a fix is available", { time })
    const earlier = filings.find(({ id }) => id === after)?.title ?? after
    return t("{time} after “{earlier}”", { time, earlier })
}

/** Returns the deadline of the filing with this id. */
export function deadlineTextOf(regime: Pick<Regime, "filings">, id: string): string {
    const filing = regime.filings.find((item) => item.id === id)
    return filing === undefined ? "" : deadlineText(filing, regime)
}
