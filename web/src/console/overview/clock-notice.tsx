/** The notice that distrusted clocks pause all releases: on every screen, with the reason. Two people end it. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Notice } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import { useApprovals } from "../release/approval-reads.ts"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import type { ClockState } from "../access/policy-answers.ts"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { doubtWords } from "../words.ts"
import { rich, t } from "../../messages/message.ts"

export function ClockNotice() {
    const clock = useRead("/api/clock").data
    if (clock?.state !== "distrusted" || clock.doubt === null) return null
    return (
        <Notice tone="bad">
            <span>
                {rich(
                    "<strong>Releases are frozen.</strong> The clocks are not trusted since {since}: {doubt}. What was released stays to be read.",
                    {
                        strong: (text) => <strong>{text}</strong>,
                        since: <When at={clock.since} short />,
                        doubt: doubtWords[clock.doubt],
                    },
                )}
            </span>
            <span className="row">
                <Details clockState={clock} />
                <Attesting clockState={clock} />
            </span>
        </Notice>
    )
}

function Details({ clockState }: { clockState: ClockState }) {
    const { reading, agreedSince, highWater } = clockState
    return (
        <Opens button={t("What they say…")} title={t("The clocks")}>
            {() => (
                <>
                    {reading !== null && (
                        <Facts
                            items={[
                                [t("The program's clock"), <When key="here" at={reading.application} />],
                                [t("The database's clock"), <When key="there" at={reading.database} />],
                                [t("Apart"), millisecondsText(Math.abs(Math.round(reading.apartMs)))],
                                [
                                    t("Of two machines"),
                                    reading.hasTwoClocks ? t("yes") : t("no: one clock, read twice"),
                                ],
                                [
                                    t("Off by the time service"),
                                    reading.offByServiceMs === null
                                        ? t("none is asked")
                                        : millisecondsText(reading.offByServiceMs),
                                ],
                                [t("Latest instant that could be trusted"), <When key="high" at={highWater} />],
                                [
                                    t("Agree again since"),
                                    agreedSince === null ? t("no") : <When key="since" at={agreedSince} />,
                                ],
                            ]}
                        />
                    )}
                    <p className="muted">
                        {t(
                            "Clocks that agree again for a minute are trusted again by themselves. That a jump was right no agreement can show: two people attest it.",
                        )}
                    </p>
                </>
            )}
        </Opens>
    )
}

const millisecondsText = (milliseconds: number): string => t("{milliseconds} ms", { milliseconds })

/** Requests, signs and applies a clock confirmation from any screen. */
function Attesting({ clockState }: { clockState: ClockState }) {
    const disabledReason = useWhyNot()("clock:confirm")
    const approvals = useApprovals().data
    const isIt = ({ action, effects }: { action: string; effects: { detail?: unknown } }) =>
        action === "clock.confirm" && formatInstant((effects.detail as { since: Instant }).since) === clockState.since
    const waits = approvals?.pending.find(isIt)
    const signed = approvals?.recent.find((approval) => approval.state === "signed" && isIt(approval))
    if (signed !== undefined) return <CarryOut approval={signed} />
    if (waits !== undefined) {
        return (
            <>
                <Badge tone="due">{t("an attestation waits for a second person")}</Badge>
                {waits.maySign && <SignDialog approval={waits} />}
            </>
        )
    }
    return (
        <Do disabledReason={disabledReason} write={writeTo("POST", "/api/clock/confirm", {})}>
            {t("Attest that the clock is right")}
        </Do>
    )
}
