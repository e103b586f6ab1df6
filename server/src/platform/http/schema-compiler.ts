/**
 * Compiles each schema once in a process. Routes and listeners with the same schema share the result. Compilation
 * takes half of the start.
 */
import AjvCompiler from "@fastify/ajv-compiler"
import SerializerSelector from "@fastify/fast-json-stringify-compiler"

const serializers = new WeakMap<object, SerializerSelector.Serializer>()

export const compilers = {
    buildValidator: AjvCompiler(),
    buildSerializer: keptBySchema(SerializerSelector()),
}

function keptBySchema(build: SerializerSelector.SerializerFactory): SerializerSelector.SerializerFactory {
    return (externalSchemas, options) => {
        const compile = build(externalSchemas, options)
        return (route) => {
            const schema = route.schema as object
            const known = serializers.get(schema)
            if (known) return known
            const made = compile(route)
            serializers.set(schema, made)
            return made
        }
    }
}
