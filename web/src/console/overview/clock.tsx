/** The demonstration clock: its instant, the next event, and moving it. Production has no such clock. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When, hereOf, wordsOf } from "../../kit/instant.tsx"
import type { Clock } from "../answers.ts"
import { useMe } from "../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

/** The program's instant, in UTC and in the viewer's zone; in a demonstration with the control that moves it. */
export function ClockControl() {
    const { clockIsMoved, now } = useMe()
    const clock = useRead(clockIsMoved ? "/api/demo/clock" : null).data
    if (clock === undefined) return <Now at={now} />
    const { next } = clock
    return (
        <div className="row">
            <Now at={clock.now} />
            <Opens button={t("Move on…")} title={t("Move the demonstration's clock")}>
                {(close) => (
                    <>
                        <p>
                            {rich(
                                "It shows {now}. It only moves forward. On the way, waves are released, and the partners of the demonstration fetch and acknowledge.",
                                { now: <When at={clock.now} /> },
                            )}
                        </p>
                        <NextSteps next={next} onDone={close} />
                        <AskForm
                            requests={[{ name: "to", label: t("To any instant"), kind: "instant", initial: clock.now }]}
                            submit={t("Move there")}
                            look="plain"
                            write={({ to }) => writeTo("POST", "/api/demo/clock", { to })}
                            onDone={close}
                        />
                    </>
                )}
            </Opens>
        </div>
    )
}

function Now({ at }: { at: string }) {
    const here = hereOf(at, true)
    return (
        <time className="now" dateTime={at}>
            {wordsOf(at)}
            {here !== null && <small>{here}</small>}
        </time>
    )
}

const nextTexts: Readonly<Record<Clock["next"][number]["kind"], (tier: string) => string>> = {
    wave: (tier) => t("wave: {tier}", { tier: valueText(tier) }),
    bypass_reported: () => t("the bypass is reported"),
    public_text_signed: () => t("the text for the public is signed"),
    bypass_public_text_signed: () => t("the bypass's text for the public is signed"),
}

function NextSteps({ next, onDone }: { next: Clock["next"]; onDone: () => void }) {
    if (next.length === 0) return <p className="muted">{t("Nothing more is planned.")}</p>
    return (
        <ol className="steps">
            {next.map(({ at, kind, tier }, n) => (
                <li key={`${at} ${kind} ${tier}`}>
                    <span>
                        <When at={at} short /> <span className="muted">{nextTexts[kind](tier ?? "")}</span>
                    </span>
                    <Do
                        look={n === 0 ? "main" : "plain"}
                        write={writeTo("POST", "/api/demo/clock", { to: at })}
                        onDone={onDone}
                    >
                        {n === 0 ? t("Advance to the next") : t("Advance to here")}
                    </Do>
                </li>
            ))}
        </ol>
    )
}
