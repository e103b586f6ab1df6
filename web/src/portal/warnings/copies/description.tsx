/** First steps and description: the opened guidance and summary, rendered. */
import { withoutPadding } from "@tocsin/base/padding"
import { Button } from "../../../kit/button.tsx"
import { Markdown } from "../../../kit/markdown/markdown.tsx"
import { Section } from "../../../kit/table.tsx"
import { partName, type Part, type Warning } from "../../answers.ts"
import { availableParts } from "../inbox.ts"
import type { Copies } from "./open-copies.ts"
import { firstSteps } from "../steps/steps.ts"
import { openedText, useVault } from "./vault.ts"
import { rich, t } from "../../../messages/message.ts"

interface TextProps {
    warning: Warning
    copies: Copies
}

function usePart(warning: Warning, kind: Part["class"]) {
    const vault = useVault()
    const part = availableParts(warning).find((each) => each.class === kind)
    const text = part === undefined ? null : openedText(vault, part)
    return { part, text: text === null ? null : withoutPadding(text) }
}

export function FirstSteps({ warning, copies }: TextProps) {
    const { part, text } = usePart(warning, "guidance")
    if (part === undefined) return null
    const steps = text === null ? [] : firstSteps(text)
    return (
        <Section title={t("First steps")} aside={<span>{t("from {copy}", { copy: partName(part) })}</span>}>
            {text === null && (
                <Closed part={part} copies={copies}>
                    {t("Open your copy of {copy} to read what to do first here.", { copy: partName(part) })}
                </Closed>
            )}
            {text !== null && steps.length === 0 && <Markdown text={text} />}
            {steps.length > 0 && (
                <ol className="first-steps">
                    {steps.map(({ title, text: details }) => (
                        <li key={title}>
                            <div>
                                <strong>{title}</strong>
                                <p>{details}</p>
                            </div>
                        </li>
                    ))}
                </ol>
            )}
        </Section>
    )
}

export function Description({ warning, copies }: TextProps) {
    const { part, text } = usePart(warning, "summary")
    if (part === undefined) return null
    return (
        <Section title={t("Description")} aside={<span>{t("from {copy}", { copy: partName(part) })}</span>}>
            {text === null ? (
                <Closed part={part} copies={copies}>
                    {t("Open your copy of {copy} to read what the warning is about here.", { copy: partName(part) })}
                </Closed>
            ) : (
                <Markdown text={text} />
            )}
        </Section>
    )
}

function Closed({ part, copies, children }: { part: Part; copies: Copies; children: string }) {
    return (
        <div className="empty">
            <p>{children}</p>
            <Button onPress={() => copies.open([part])}>
                {rich("Read <unseen>{copy}</unseen>", {
                    copy: partName(part),
                    unseen: (text) => <span className="unseen">{text}</span>,
                })}
            </Button>
        </div>
    )
}
