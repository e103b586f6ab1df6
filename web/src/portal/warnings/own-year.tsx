/** The partner's own figures of the last year, in the rail of the inbox. */
import { parseInstant } from "@tocsin/base/instant"
import { Section } from "../../kit/table.tsx"
import type { Protections, Warnings } from "../answers.ts"
import { Span } from "./countdown.tsx"
import { figuresOf } from "./inbox.ts"
import { rich, t } from "../../messages/message.ts"

interface OwnYearProps {
    warnings: Warnings | undefined
    protections: Protections["protections"]
}

export function OwnYear({ warnings, protections }: OwnYearProps) {
    if (warnings === undefined || warnings.warnings.length === 0) return null
    const figures = figuresOf(warnings.warnings, protections, parseInstant(warnings.now))
    return (
        <Section title={t("Your last 12 months")}>
            <dl className="own-year">
                <div>
                    <dd>
                        {rich("{protected} <small>of {warnings}</small>", {
                            protected: figures.protectedBefore,
                            warnings: figures.warnings,
                            small: (text) => <small>{text}</small>,
                        })}
                    </dd>
                    <dt>
                        {t("{count, plural, one {warning} other {warnings}}, protected before publication", {
                            count: figures.warnings,
                        })}
                    </dt>
                </div>
                {figures.acknowledgedAfterMs !== null && (
                    <div>
                        <dd>
                            <Span ms={figures.acknowledgedAfterMs} />
                        </dd>
                        <dt>{t("median from release to acknowledgement")}</dt>
                    </div>
                )}
                {figures.headStartMs !== null && (
                    <div>
                        <dd>
                            <Span ms={figures.headStartMs} />
                        </dd>
                        <dt>{t("median head start over publication")}</dt>
                    </div>
                )}
            </dl>
        </Section>
    )
}
