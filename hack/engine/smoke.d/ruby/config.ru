run ->(_env) { [200, { 'content-type' => 'text/plain' }, ["rack on ruby #{RUBY_VERSION}"]] }
