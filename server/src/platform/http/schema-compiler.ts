/**
 * Compiles each schema once in a process. Routes and listeners with the same schema share the result. Compilation
 * takes half of the start.
 */
import AjvCompiler from "@fastify/ajv-compiler"
import SerializerSelector from "@fastify/fast-json-stringify-compiler"

const serializers = new WeakMap<object, SerializerSelector.Serializer>()

export const compilers = {
    buildValidator: AjvCompiler(),
    buildSerializer: cachedBySchema(SerializerSelector()),
}

function cachedBySchema(build: SerializerSelector.SerializerFactory): SerializerSelector.SerializerFactory {
    return (externalSchemas, options) => {
        const compile = build(externalSchemas, options)
        return (route) => {
            const schema = route.schema as object
            const cached = serializers.get(schema)
            if (cached) return cached
            const serializer = compile(route)
            serializers.set(schema, serializer)
            return serializer
        }
    }
}
