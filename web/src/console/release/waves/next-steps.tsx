/** What happens after the signature, in order. */
import { formatInstant } from "@tocsin/base/instant"
import { When } from "../../../kit/instant.tsx"
import { Section } from "../../../kit/table.tsx"
import type { Approval, Wave } from "../../answers.ts"
import { t } from "../../../messages/message.ts"

export function NextSteps({ wave, effects }: { wave: Wave; effects: Approval["effects"] | null }) {
    const at = effects === null || effects.at === null ? wave.at : formatInstant(effects.at)
    const notified =
        effects === null
            ? t("Partners get a notice without content")
            : t(
                  "{count, plural, one {# partner gets a notice without content} other {# partners get a notice without content}}",
                  { count: effects.recipients.length },
              )
    const steps = [
        { text: t("A second person signs"), note: wave.state === "approved" ? t("done") : t("now") },
        { text: t("Release, unless the effects exceed the signature"), note: <When at={at} short /> },
        { text: notified, note: t("within a minute") },
        { text: t("The audit log records each delivery before it starts"), note: t("on each fetch") },
    ]
    return (
        <Section title={t("Next steps")}>
            <ol className="history">
                {steps.map(({ text, note }) => (
                    <li key={text}>
                        <span>{text}</span>
                        <small>{note}</small>
                    </li>
                ))}
            </ol>
        </Section>
    )
}
