/** Actions on a regulatory clock: set awareness, report a fix, end the duty, or start a clock. */
import { writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import type { ClockRow } from "./clock-answers.ts"
import { useRegimes } from "./clock-answers.ts"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { stillLoading } from "../../kit/text.ts"
import { t } from "../../messages/message.ts"

const why = { name: "reason", label: t("Reason"), kind: "text" } as const
const future = ["filing.in_the_future"]

export function ClockActions({ row }: { row: ClockRow }) {
    const disabledReason = useWhyNot()("filing:write")
    const path = `/api/regulatory-clocks/${row.id}` as const
    const now = useNow()
    return (
        <>
            <FormDialog
                button={t("Correct awareness…")}
                title={t("Correct when you became aware")}
                submit={t("Correct awareness")}
                disabledReason={disabledReason}
                requests={[
                    { name: "awareAt", label: t("Aware since"), kind: "instant", initial: now, codes: future },
                    why,
                ]}
                write={(body) => writeTo("POST", `${path}/correct-awareness`, body)}
            >
                <p className="muted">{t("The deadlines move with it. The earlier value stays in the history.")}</p>
            </FormDialog>
            <FormDialog
                button={t("Fix…")}
                title={t("Availability of a fix")}
                submit={t("Save")}
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "availableAt",
                        label: t("Available since"),
                        kind: "instant",
                        optional: true,
                        codes: future,
                        hint: t("Leave empty if no fix is available, even if the case is public"),
                    },
                    why,
                ]}
                write={({ availableAt, reason }) =>
                    writeTo("POST", `${path}/report-fix`, {
                        availableAt: availableAt.trim() === "" ? null : availableAt,
                        reason,
                    })
                }
            >
                <p className="muted">{t("Without a date here, publication of the case counts as the fix.")}</p>
            </FormDialog>
            <FormDialog
                button={t("Close…")}
                title={t("Close this clock")}
                submit={t("Close clock")}
                look="danger"
                disabledReason={disabledReason}
                requests={[why]}
                write={(body) => writeTo("POST", `${path}/close`, body)}
            >
                <p className="muted">
                    {t(
                        "Close the clock if it does not apply, or if no filing is due. Tocsin then sends no reminders. Later reports of exploitation do not restart it; a person can.",
                    )}
                </p>
            </FormDialog>
        </>
    )
}

export function StartClock({ id: subject }: { id: string }) {
    const disabledReason = useWhyNot()("filing:write")
    const now = useNow()
    const { data, isLoading } = useRegimes()
    const regimes = (data?.regimes ?? []).filter(({ regime }) => regime.state !== "not_in_force")
    const none = isLoading ? stillLoading : t("no regime is in force: see Schedule, Regulatory clocks")
    return (
        <FormDialog
            button={t("Start a clock…")}
            title={t("Start a regulatory clock")}
            submit={t("Start clock")}
            disabledReason={disabledReason ?? (regimes.length === 0 ? none : null)}
            requests={[
                {
                    name: "regime",
                    label: t("Regime"),
                    kind: "choice",
                    from: regimes.map(({ id, regime }) => ({ value: id, name: regime.title })),
                },
                { name: "awareAt", label: t("Aware since"), kind: "instant", initial: now, codes: future },
                { ...why, label: t("What happened, and how you know") },
            ]}
            write={(body) => writeTo("POST", "/api/regulatory-clocks", { ...body, case: subject })}
        >
            <p className="muted">
                {t(
                    "Reported exploitation starts the clocks of its regimes automatically. A person starts the clock of a severe incident.",
                )}
            </p>
        </FormDialog>
    )
}
