/** A band that says whether the receipt log only grew since this browser saw it. */
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { Refused } from "../../kit/api.ts"
import { Button, SaveButton } from "../../kit/button.tsx"
import { VerifiedBand } from "../../kit/layout/verified-band.tsx"
import { t } from "../../messages/message.ts"
import { read } from "../api.ts"
import { evidenceOf, followLog, type LogVerdict, readKept, type ShownLog } from "./follow-log.ts"

const memory = "tocsin receipt log"

async function loadShown(): Promise<ShownLog | null> {
    try {
        return await read("/api/receipt-log/checkpoint")
    } catch (error) {
        if (error instanceof Refused && error.code === "receipt.no_batch") return null
        throw error
    }
}

const loadConsistencyProof = async (from: number, to: number): Promise<readonly string[]> =>
    (await read(`/api/receipt-log/consistency?from=${from}&to=${to}`)).proof

async function checkLog(): Promise<LogVerdict> {
    const shown = await loadShown()
    const verdict = await followLog(readKept(localStorage.getItem(memory)), shown, { loadConsistencyProof })
    if (verdict.kind === "sound" && verdict.log !== null) localStorage.setItem(memory, JSON.stringify(verdict.log))
    return verdict
}

export function ReceiptLog() {
    const { data: verdict, error, refetch } = useQuery({ queryKey: ["receipt-log"], queryFn: checkLog, retry: false })
    if (error !== null) {
        return <VerifiedBand tone="bad" title={t("The receipt log was not verified")} steps={[error.message]} />
    }
    if (verdict === undefined) return <VerifiedBand tone="plain" title={t("Verifying the receipt log…")} steps={[]} />
    if (verdict.kind !== "sound") return <Contradiction verdict={verdict} checkAgain={() => void refetch()} />
    const { log, continues } = verdict
    if (log === null) return null
    const isFirst = continues === null
    const steps = [
        t("{count, plural, one {# batch} other {# batches}}", { count: log.size }),
        isFirst
            ? t("The next visits with this browser compare")
            : t("Contains the {size, plural, one {# batch} other {# batches}} of your last visit", { size: continues }),
        t("Signature valid"),
    ]
    const title = isFirst ? t("This browser now knows the receipt log") : t("The receipt log only grew")
    return <VerifiedBand tone={isFirst ? "plain" : "good"} title={title} steps={steps} />
}

type Wrong = Exclude<LogVerdict, { kind: "sound" }>

interface ContradictionProps {
    verdict: Wrong
    checkAgain: () => void
}

function Contradiction({ verdict: { kind, kept, shown }, checkAgain }: ContradictionProps) {
    const [saved, setSaved] = useState(false)
    const size = kept?.size ?? 0
    const { title, steps } = textOf(kind, size)
    const forget = t("Forget the earlier log only after the operator has explained it.")
    const evidence = async () => {
        setSaved(true)
        return evidenceOf(kept, shown)
    }
    const startAgain = () => {
        localStorage.removeItem(memory)
        checkAgain()
    }
    const actions = (
        <div className="row">
            <SaveButton name="receipt-log-checkpoints.json" content={evidence}>
                {t("Save both checkpoints")}
            </SaveButton>
            <Button onPress={checkAgain}>{t("Check again")}</Button>
            {saved && <Button onPress={startAgain}>{t("Forget the earlier log")}</Button>}
        </div>
    )
    return <VerifiedBand tone="bad" title={title} steps={saved ? [...steps, forget] : steps} actions={actions} />
}

const askOperator = (): string =>
    t("Save both checkpoints, and ask the operator why, by telephone or by mail. Keep all receipts.")

function textOf(kind: Wrong["kind"], size: number): { readonly title: string; readonly steps: readonly string[] } {
    switch (kind) {
        case "behind":
            return {
                title: t("The receipt log became shorter"),
                steps: [
                    t(
                        "The server does not show all {size, plural, one {# batch} other {# batches}} that this browser has seen.",
                        { size },
                    ),
                    t("Check again in some minutes: servers can differ for a moment."),
                    askOperator(),
                ],
            }
        case "forked":
            return {
                title: t("The receipt log was rewritten"),
                steps: [
                    t(
                        "It does not contain the {size, plural, one {# batch} other {# batches}} that this browser has seen.",
                        { size },
                    ),
                    askOperator(),
                ],
            }
        case "other_key":
            return {
                title: t("The receipt log has another key"),
                steps: [
                    t("Compare its key with the one that the operator publishes outside the portal."),
                    askOperator(),
                ],
            }
        case "unsigned":
            return {
                title: t("The receipt log is not signed correctly"),
                steps: [t("The key that the server names did not sign this checkpoint."), askOperator()],
            }
    }
}
