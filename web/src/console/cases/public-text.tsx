/** The text that a signature publishes, and whether it denies reported exploitation. Each view is recorded. */
import { useLook } from "../api.ts"
import { Failed, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import type { Approval } from "../answers.ts"
import { rich, t } from "../../messages/message.ts"

const publishing: ReadonlySet<string> = new Set([
    "wave.release",
    "wave.late_release",
    "wave.unfreeze",
    "embargo.terminate",
    "case.amend",
    "recall.lift",
    "case.dismiss_reports",
])

export function PublicText({ approval }: { approval: Approval }) {
    const path =
        approval.maySign && publishing.has(approval.action)
            ? (`/api/approvals/${approval.id}/publication` as const)
            : null
    const { data, error } = useLook(path)
    if (error) return <Failed error={error} />
    if (!data || data.text === null) return null
    const { summary, guidance, exploited, denials } = data.text
    return (
        <section className="form" aria-label={t("Public text")}>
            <h3>{t("Public text")}</h3>
            {exploited && <Exploited denials={denials} />}
            {summary === null && guidance === null && (
                <p>{t("No summary or guidance becomes public: only the facts do.")}</p>
            )}
            {summary !== null && <Text name={t("Summary")} text={summary} />}
            {guidance !== null && <Text name={t("Guidance")} text={guidance} />}
        </section>
    )
}

/** Links to the reports on the case page, for viewers who may read them. */
export function Exploited({ denials }: { denials: readonly string[] }) {
    if (denials.length === 0) {
        return (
            <Notice tone="due">
                {t(
                    "Exploitation of this case is reported. Tocsin finds no sentence that denies it. Read the text before you sign.",
                )}
            </Notice>
        )
    }
    return (
        <Notice tone="bad">
            <div>
                {rich(
                    "<strong>The public text contradicts recorded reports.</strong>Exploitation of this case is reported, and the text says:",
                    { strong: (text) => <strong className="block">{text}</strong> },
                )}
                <ul>
                    {denials.map((sentence) => (
                        <li key={sentence}>{sentence}</li>
                    ))}
                </ul>
                {t(
                    "Turn the request down and let the author correct the text, or sign if the sentence means something else.",
                )}
            </div>
        </Notice>
    )
}

function Text({ name, text }: { name: string; text: string }) {
    return (
        <>
            <h4>{name}</h4>
            <Reading label={name} text={text} />
        </>
    )
}

/** A warning on the case page, and before a release is requested. */
export function Contradiction({ contradicts }: { contradicts: boolean }) {
    if (!contradicts) return null
    return (
        <Notice tone="bad">
            <div>
                {rich(
                    "<strong>The public text contradicts recorded reports.</strong>It denies exploitation, and exploitation of this case is reported. Correct the summary or the guidance.",
                    { strong: (text) => <strong className="block">{text}</strong> },
                )}
            </div>
        </Notice>
    )
}
