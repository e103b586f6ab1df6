/** A scrolling region, which the keyboard can reach. */
import type { ReactNode } from "react"

interface ScrollProps {
    label: string
    className: string
    children: ReactNode
}

function Scroll({ label, className, children }: ScrollProps) {
    return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- who cannot point scrolls by the focus (axe: scrollable-region-focusable)
        <section className={className} aria-label={label} tabIndex={0}>
            {children}
        </section>
    )
}

export function TableFrame({ label, tall, children }: Omit<ScrollProps, "className"> & { tall: boolean }) {
    return (
        <Scroll label={label} className={tall ? "table-frame tall" : "table-frame"}>
            {children}
        </Scroll>
    )
}

export function ReadingFrame({ label, children }: Omit<ScrollProps, "className">) {
    return (
        <Scroll label={label} className="reading">
            {children}
        </Scroll>
    )
}

/** The content above a dialog's buttons. */
export function BodyFrame({ label, children }: Omit<ScrollProps, "className">) {
    return (
        <Scroll label={label} className="window-body">
            {children}
        </Scroll>
    )
}

/** Shows the text of an artifact or a public text verbatim, never as markup. Such texts are English. */
export function Reading({ label, text }: { label: string; text: string }) {
    return (
        <ReadingFrame label={label}>
            <pre lang="en">{text}</pre>
        </ReadingFrame>
    )
}
