# frozen_string_literal: true

module Conformance
  # Our own scripts about components: every type, position and error.
  class ComponentSuite
    FOLDER = File.join(__dir__, "component")

    # @return [Array<String>] the paths of all scripts
    def files
      Dir[File.join(FOLDER, "*.wast")]
    end

    # @param path [String] of a script
    # @return [String] its name within the suite
    def name(path)
      File.join("component", File.basename(path))
    end
  end
end
